-- The first half walks the primary key from 12 hours (43200 seconds) before the window and finds
-- every visit of up to 12 hours; an open visit counts as so long. The second half finds the few
-- longer ones in their index, whose condition it repeats word for word.
SELECT visit_id, person_id, venue_id, category, entered_at, left_at
FROM visit_by_venue
WHERE venue_id = $1
    AND entered_at < $3
    AND entered_at > $2 - 43200
    AND COALESCE(left_at, entered_at + 43200) > $2
UNION ALL
SELECT visit_id, person_id, venue_id, category, entered_at, left_at
FROM visit_by_venue
WHERE venue_id = $1
    AND entered_at <= $2 - 43200
    AND left_at > $2
    AND left_at > entered_at + 43200
    AND entered_at < $3
ORDER BY entered_at, visit_id;

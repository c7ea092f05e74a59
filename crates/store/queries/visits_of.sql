-- An open visit counts as 12 hours (43200 seconds) long.
SELECT visit_id, person_id, venue_id, category, entered_at, left_at
FROM visit_by_person
WHERE person_id = $1
    AND entered_at < $3
    AND COALESCE(left_at, entered_at + 43200) > $2
ORDER BY entered_at, visit_id;

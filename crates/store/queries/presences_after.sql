-- One page of everybody's visits that had not ended at $4, in the order of the primary key. An empty
-- venue comes before all others. An open visit counts as 12 hours (43200 seconds) long.
SELECT visit_id, person_id, venue_id, entered_at, left_at
FROM visit_by_venue
WHERE (venue_id, entered_at, visit_id) > ($1, $2, $3)
    AND COALESCE(left_at, entered_at + 43200) > $4
ORDER BY venue_id, entered_at, visit_id
LIMIT $5;

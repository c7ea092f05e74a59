-- One page of everybody's visits, in the order of the primary key. An empty venue comes before all
-- others.
SELECT visit_id, person_id, venue_id, category, entered_at, left_at
FROM visit_by_venue
WHERE (venue_id, entered_at, visit_id) > ($1, $2, $3)
ORDER BY venue_id, entered_at, visit_id
LIMIT $4;

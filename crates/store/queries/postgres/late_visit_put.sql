INSERT INTO late_visit (person_id, visit_id, venue_id, entered_at, until_at)
SELECT put.person_id, put.visit_id, put.venue_id, put.entered_at, put.until_at
FROM UNNEST($1, $2, $3, $4, $5) AS put (person_id, visit_id, venue_id, entered_at, until_at)
ON CONFLICT (person_id, visit_id) DO UPDATE SET until_at = excluded.until_at;

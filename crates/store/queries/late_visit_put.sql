INSERT INTO late_visit (person_id, visit_id, venue_id, entered_at, until_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id, visit_id) DO UPDATE SET until_at = excluded.until_at;

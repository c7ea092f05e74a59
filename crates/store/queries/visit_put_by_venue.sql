INSERT INTO visit_by_venue (venue_id, entered_at, visit_id, person_id, category, left_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (venue_id, entered_at, visit_id) DO UPDATE SET left_at = excluded.left_at;

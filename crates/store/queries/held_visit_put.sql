-- A repeated upload changes nothing.
INSERT INTO held_visit (person_id, visit_id, venue_id, category, entered_at, left_at, held_at,
    scanner_id, authority_id, temperature)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (person_id, visit_id) DO NOTHING;

-- A repeat changes nothing.
INSERT INTO door_visit (person_id, visit_id, scanner_id, temperature)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id, visit_id) DO NOTHING;

-- A repeat changes nothing. A gate that measures later what nobody measured before adds it, as its own.
INSERT INTO door_visit (person_id, visit_id, scanner_id, temperature)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id, visit_id) DO UPDATE SET temperature = excluded.temperature, scanner_id = excluded.scanner_id
WHERE door_visit.temperature IS NULL AND excluded.temperature IS NOT NULL;

INSERT INTO slot_claim (list, slot_index, person_id)
VALUES ($1, $2, $3)
ON CONFLICT (list, slot_index) DO NOTHING;

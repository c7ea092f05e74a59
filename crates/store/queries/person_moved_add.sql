INSERT INTO person_moved (person_id, to_person_id, moved_at)
VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO NOTHING;

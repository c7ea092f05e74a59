INSERT INTO disclosure_person (person_id, disclosure_id, visible_at)
VALUES ($1, $2, $3)
ON CONFLICT (person_id, disclosure_id) DO NOTHING;

INSERT INTO identity (person_id, sealed)
VALUES ($1, $2)
ON CONFLICT (person_id) DO UPDATE SET sealed = excluded.sealed;

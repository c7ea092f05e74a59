INSERT INTO identity (person_id, sealed)
VALUES ($1, $2);

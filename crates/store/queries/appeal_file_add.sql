INSERT INTO appeal_file (person_id, appeal_id, sealed)
VALUES ($1, $2, $3);

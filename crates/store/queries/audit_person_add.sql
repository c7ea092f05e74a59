INSERT INTO audit_person (person_id, commitment, recorded_at)
VALUES ($1, $2, $3);

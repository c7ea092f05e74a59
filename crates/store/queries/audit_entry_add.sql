INSERT INTO audit_entry (commitment, salt, payload, recorded_at)
VALUES ($1, $2, $3, $4);

INSERT INTO audit_entry (commitment, salt, content, recorded_at)
VALUES ($1, $2, $3, $4);

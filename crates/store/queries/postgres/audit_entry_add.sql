INSERT INTO audit_entry (commitment, salt, payload, recorded_at)
SELECT added.commitment, added.salt, added.payload, added.recorded_at
FROM UNNEST($1, $2, $3, $4) AS added (commitment, salt, payload, recorded_at);

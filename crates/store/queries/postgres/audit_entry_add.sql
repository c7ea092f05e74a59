INSERT INTO audit_entry (commitment, salt, content, recorded_at)
SELECT added.commitment, added.salt, added.content, added.recorded_at
FROM UNNEST($1, $2, $3, $4) AS added (commitment, salt, content, recorded_at);

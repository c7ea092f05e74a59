-- What one authority said; a withdrawal, whose ever, may take it back.
SELECT person_id, evidence_id, authority_id, recorded_at, fact
FROM evidence
WHERE person_id = $1 AND (authority_id = $2 OR kind = 'withdrawal')
ORDER BY begins_at, evidence_id;

-- Stays tell where somebody lives; a withdrawal may take one back.
SELECT person_id, evidence_id, authority_id, recorded_at, fact
FROM evidence
WHERE person_id = $1 AND (kind = 'stay' OR kind = 'withdrawal')
ORDER BY begins_at, evidence_id;

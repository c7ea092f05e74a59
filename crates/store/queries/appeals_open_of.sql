SELECT person_id, appeal_id, evidence_id, filed_at
FROM appealed_evidence
WHERE person_id = $1 AND answered_at IS NULL
ORDER BY person_id, appeal_id, evidence_id;

SELECT person_id, evidence_id, authority_id, recorded_at, fact
FROM evidence
WHERE person_id = $1 AND evidence_id = $2;

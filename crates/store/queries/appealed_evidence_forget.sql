DELETE FROM appealed_evidence
WHERE person_id = $1 AND appeal_id = $2;

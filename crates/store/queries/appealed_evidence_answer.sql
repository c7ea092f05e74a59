UPDATE appealed_evidence
SET answered_at = $3
WHERE person_id = $1 AND appeal_id = $2;

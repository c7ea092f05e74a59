UPDATE appeal
SET reminded_at = $3
WHERE person_id = $1 AND appeal_id = $2 AND reminded_at IS NULL;

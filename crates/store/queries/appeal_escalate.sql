UPDATE appeal
SET escalated_at = $3
WHERE person_id = $1 AND appeal_id = $2 AND escalated_at IS NULL;

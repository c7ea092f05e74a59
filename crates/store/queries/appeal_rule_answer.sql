UPDATE appeal_rule
SET answered_at = $4, was_right = $5
WHERE person_id = $1 AND appeal_id = $2 AND rule = $3;

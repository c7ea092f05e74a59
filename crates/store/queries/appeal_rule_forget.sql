DELETE FROM appeal_rule
WHERE person_id = $1 AND appeal_id = $2;

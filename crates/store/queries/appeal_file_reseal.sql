UPDATE appeal_file
SET sealed = $3
WHERE person_id = $1 AND appeal_id = $2;

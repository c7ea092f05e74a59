DELETE FROM appeal_file
WHERE person_id = $1 AND appeal_id = $2;

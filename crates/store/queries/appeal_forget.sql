DELETE FROM appeal
WHERE person_id = $1 AND appeal_id = $2;

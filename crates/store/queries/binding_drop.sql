DELETE FROM person_binding
WHERE person_id = $1 AND account_id = $2;

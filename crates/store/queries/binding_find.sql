SELECT account_id
FROM person_binding
WHERE person_id = $1;

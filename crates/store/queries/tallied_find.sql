SELECT region, status, restrictions
FROM tallied
WHERE person_id = $1;

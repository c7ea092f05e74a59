SELECT person_id, region, status, restrictions
FROM tallied
WHERE person_id = $1;

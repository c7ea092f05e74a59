SELECT person_id, sealed
FROM identity
WHERE person_id = $1;

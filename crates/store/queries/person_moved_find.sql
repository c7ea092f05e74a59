SELECT person_id, to_person_id
FROM person_moved
WHERE person_id = $1;

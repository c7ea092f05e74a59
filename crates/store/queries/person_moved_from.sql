SELECT person_id
FROM person_moved
WHERE to_person_id = $1
ORDER BY moved_at, person_id;

SELECT person_id, visit_id, scanner_id, temperature
FROM door_visit
WHERE person_id = $1
ORDER BY visit_id;

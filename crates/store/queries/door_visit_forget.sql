DELETE FROM door_visit
WHERE person_id = $1 AND visit_id = $2;

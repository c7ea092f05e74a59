DELETE FROM visit_by_person
WHERE person_id = $1 AND visit_id = $2;

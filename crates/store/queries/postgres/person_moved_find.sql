-- Of many people.
SELECT person_moved.person_id, person_moved.to_person_id
FROM UNNEST($1) AS asked (person_id)
JOIN person_moved ON person_moved.person_id = asked.person_id;

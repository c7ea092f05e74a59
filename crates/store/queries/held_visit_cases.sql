SELECT DISTINCT person_id
FROM held_visit
ORDER BY person_id
LIMIT $1;

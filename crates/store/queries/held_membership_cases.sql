SELECT DISTINCT person_id
FROM held_membership
ORDER BY person_id
LIMIT $1;

-- One page of the cases with groups that wait, after $8, about people in sight ($1 to $7): how many groups.
SELECT person_id, COUNT(DISTINCT group_id)
FROM held_membership AS listed
WHERE person_id > $8
GROUP BY person_id
HAVING IN_SIGHT()
ORDER BY person_id
LIMIT $9;

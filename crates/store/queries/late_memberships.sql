SELECT person_id, group_id, from_at, until_at
FROM late_membership
ORDER BY person_id, group_id, from_at
LIMIT $1;

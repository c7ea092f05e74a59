SELECT group_id, member_id, from_at, kind, authority_id, held_at
FROM held_membership
WHERE person_id = $1
ORDER BY group_id, member_id, from_at;

-- Memberships that nobody decided about while they would have been kept.
SELECT person_id, group_id, member_id, from_at
FROM held_membership
WHERE held_at < $1
ORDER BY held_at, person_id, group_id, member_id, from_at
LIMIT $2;

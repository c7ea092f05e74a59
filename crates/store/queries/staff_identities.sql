-- Those of one member, the oldest first; by an index on the member.
SELECT provider, created_at
FROM staff_identity
WHERE staff_id = $1
ORDER BY created_at, identity_hash;

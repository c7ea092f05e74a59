SELECT staff_id
FROM staff_identity
WHERE identity_hash = $1;

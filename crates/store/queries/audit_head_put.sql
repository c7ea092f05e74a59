UPDATE audit_head
SET size = $2, checkpoint = $3, signed_at = $4
WHERE name = $1;

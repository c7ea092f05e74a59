SELECT size, checkpoint, signed_at
FROM audit_head
WHERE name = $1;

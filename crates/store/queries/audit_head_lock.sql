-- Makes the row, or locks it until the transaction ends.
INSERT INTO audit_head (name, size, checkpoint, signed_at)
VALUES ($1, 0, '', 0)
ON CONFLICT (name) DO UPDATE SET size = audit_head.size
RETURNING size, checkpoint, signed_at;

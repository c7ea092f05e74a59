-- A witness does not go back.
INSERT INTO audit_witness (witness, size, checkpoint, seen_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (witness) DO UPDATE
SET size = excluded.size, checkpoint = excluded.checkpoint, seen_at = excluded.seen_at
WHERE audit_witness.size <= excluded.size;

SELECT witness, size, checkpoint, seen_at
FROM audit_witness
ORDER BY witness;

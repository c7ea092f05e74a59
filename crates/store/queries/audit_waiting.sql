SELECT commitment, recorded_at
FROM audit_entry
WHERE leaf_index IS NULL
ORDER BY recorded_at, commitment
LIMIT $1;

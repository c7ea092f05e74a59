SELECT commitment, salt, payload, recorded_at, leaf_index
FROM audit_entry
WHERE leaf_index IS NULL
ORDER BY recorded_at, commitment
LIMIT $1;

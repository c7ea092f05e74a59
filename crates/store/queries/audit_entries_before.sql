SELECT commitment, salt, payload, recorded_at, leaf_index
FROM audit_entry
WHERE leaf_index < $1
ORDER BY leaf_index DESC, commitment
LIMIT $2;

SELECT commitment, salt, content, recorded_at, leaf_index
FROM audit_entry
WHERE commitment = $1;

SELECT commitment, salt, payload, recorded_at, leaf_index
FROM audit_entry
WHERE commitment = $1;

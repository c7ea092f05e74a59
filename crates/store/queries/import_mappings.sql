-- What an office keeps: some hundred rows at most.
SELECT kind, header_hash, name, fields, staff_id, saved_at
FROM import_mapping
WHERE authority_id = $1
ORDER BY name, kind, header_hash;

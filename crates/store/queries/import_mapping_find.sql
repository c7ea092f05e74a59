SELECT name, fields, staff_id, saved_at
FROM import_mapping
WHERE authority_id = $1 AND kind = $2 AND header_hash = $3;

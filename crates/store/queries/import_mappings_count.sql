SELECT COUNT(*)
FROM import_mapping
WHERE authority_id = $1;

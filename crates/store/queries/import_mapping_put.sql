-- The last choice counts.
INSERT INTO import_mapping (authority_id, kind, header_hash, name, fields, staff_id, saved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (authority_id, kind, header_hash) DO UPDATE SET
    name = excluded.name,
    fields = excluded.fields,
    staff_id = excluded.staff_id,
    saved_at = excluded.saved_at;

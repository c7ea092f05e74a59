INSERT INTO authority (authority_id, kind, name)
VALUES ($1, $2, $3)
ON CONFLICT (authority_id) DO UPDATE SET
    kind = excluded.kind,
    name = excluded.name;

INSERT INTO authority (authority_id, kind, name, region)
VALUES ($1, $2, $3, $4)
ON CONFLICT (authority_id) DO UPDATE SET
    kind = excluded.kind,
    name = excluded.name,
    region = excluded.region;

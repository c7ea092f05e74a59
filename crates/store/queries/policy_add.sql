INSERT INTO policy
    (policy_id, version, number, toml, effective_at, published_by, published_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (policy_id, version) DO NOTHING;

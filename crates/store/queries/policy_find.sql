SELECT policy_id, version, toml, effective_at
FROM policy
WHERE policy_id = $1 AND version = $2;

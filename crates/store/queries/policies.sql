SELECT policy_id, version, toml, effective_at
FROM policy
ORDER BY number;

SELECT person_id, policy_id, policy_version, status, since_at, until_at, next_change_at,
    decided_at, findings, change_number
FROM verdict
WHERE person_id = $1;

INSERT INTO verdict
    (person_id, policy_id, policy_version, status, since_at, until_at, next_change_at,
     decided_at, findings, change_number)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (person_id) DO UPDATE SET
    policy_id = excluded.policy_id,
    policy_version = excluded.policy_version,
    status = excluded.status,
    since_at = excluded.since_at,
    until_at = excluded.until_at,
    next_change_at = excluded.next_change_at,
    decided_at = excluded.decided_at,
    findings = excluded.findings,
    change_number = excluded.change_number;

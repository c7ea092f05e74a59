-- Rows of the moment $1 come after the person $2; an empty identifier comes before all others.
SELECT person_id, policy_id, policy_version, status, since_at, until_at, next_change_at,
    decided_at, findings
FROM verdict
WHERE (decided_at, person_id) > ($1, $2)
ORDER BY decided_at, person_id
LIMIT $3;

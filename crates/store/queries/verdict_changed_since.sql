-- Rows of the change $1 come after the person $2; an empty identifier comes before all others.
SELECT person_id, policy_id, policy_version, status, since_at, until_at, next_change_at,
    decided_at, findings, change_number
FROM verdict
WHERE (change_number, person_id) > ($1, $2)
ORDER BY change_number, person_id
LIMIT $3;

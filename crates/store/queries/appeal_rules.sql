SELECT person_id, appeal_id, policy_id, policy_version, rule, evidence, was_right
FROM appeal_rule
WHERE person_id = $1 AND appeal_id = $2
ORDER BY rule;

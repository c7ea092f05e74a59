-- How many appeals there were against each rule of a policy version, how many were answered and right, and
-- how many seconds the answers took in all.
SELECT rule, COUNT(*), COUNT(answered_at), CAST(COALESCE(SUM(was_right), 0) AS BIGINT),
    CAST(COALESCE(SUM(answered_at - filed_at), 0) AS BIGINT)
FROM appeal_rule
WHERE policy_id = $1 AND policy_version = $2
GROUP BY rule
ORDER BY rule;

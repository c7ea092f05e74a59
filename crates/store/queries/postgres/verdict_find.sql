-- Of many people.
SELECT verdict.person_id, verdict.policy_id, verdict.policy_version, verdict.status,
    verdict.since_at, verdict.until_at, verdict.next_change_at, verdict.decided_at,
    verdict.findings, verdict.change_number
FROM UNNEST($1) AS asked (person_id)
JOIN verdict ON verdict.person_id = asked.person_id;

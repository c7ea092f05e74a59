INSERT INTO appeal_rule
    (person_id, appeal_id, policy_id, policy_version, rule, evidence, filed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

INSERT INTO one_time_code
    (challenge_id, account_id, purpose, code_hash, attempts, ends_at, used_at)
VALUES ($1, $2, $3, $4, 0, $5, NULL);

INSERT INTO person_binding (person_id, account_id, bound_at)
VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO UPDATE SET
    account_id = excluded.account_id,
    bound_at = excluded.bound_at;

INSERT INTO person_holder (person_id, account_id, relation, since_at, until_at)
VALUES ($1, $2, $3, $4, NULL)
ON CONFLICT (person_id, account_id) DO UPDATE SET
    relation = excluded.relation,
    since_at = excluded.since_at,
    until_at = NULL;

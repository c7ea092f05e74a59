INSERT INTO account_person (account_id, person_id, relation, since_at, until_at)
VALUES ($1, $2, $3, $4, NULL)
ON CONFLICT (account_id, person_id) DO UPDATE SET
    relation = excluded.relation,
    since_at = excluded.since_at,
    until_at = NULL;

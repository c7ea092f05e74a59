SELECT account_id, person_id, relation, since_at
FROM person_holder
WHERE person_id = $1 AND until_at IS NULL
ORDER BY since_at, account_id;

SELECT account_id, person_id, relation, since_at
FROM account_person
WHERE account_id = $1 AND until_at IS NULL
ORDER BY since_at, person_id;

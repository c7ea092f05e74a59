-- Guardianships and consents that ended before.
SELECT person_id, account_id
FROM person_holder
WHERE until_at < $1 AND until_at IS NOT NULL
ORDER BY until_at, person_id, account_id
LIMIT $2;

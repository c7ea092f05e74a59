UPDATE account_person
SET until_at = $3
WHERE account_id = $1 AND person_id = $2 AND until_at IS NULL;

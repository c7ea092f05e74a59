UPDATE person_holder
SET until_at = $3
WHERE person_id = $1 AND account_id = $2 AND until_at IS NULL;

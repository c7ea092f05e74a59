-- Unless somebody holds the person again.
DELETE FROM person_holder
WHERE person_id = $1 AND account_id = $2 AND until_at IS NOT NULL;

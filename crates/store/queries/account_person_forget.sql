-- Unless the account holds the person again.
DELETE FROM account_person
WHERE person_id = $1 AND account_id = $2 AND until_at IS NOT NULL;

-- Its holder deleted the account.
DELETE FROM identity
WHERE person_id = $1;

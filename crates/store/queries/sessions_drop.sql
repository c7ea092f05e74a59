-- Its holder deleted the account.
DELETE FROM resident_session
WHERE account_id = $1;

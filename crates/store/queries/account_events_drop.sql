-- Its holder deleted the account.
DELETE FROM account_event
WHERE account_id = $1;

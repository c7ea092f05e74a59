-- Every session of the account but one; an empty identifier spares none.
UPDATE resident_session
SET ended_at = $3
WHERE account_id = $1 AND session_id <> $2 AND ended_at IS NULL;

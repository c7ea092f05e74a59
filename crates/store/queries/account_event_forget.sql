-- Its time is over.
DELETE FROM account_event
WHERE account_id = $1 AND event_id = $2 AND happened_at = $3;

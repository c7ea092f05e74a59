-- What was done to accounts before.
SELECT account_id, event_id, happened_at
FROM account_event
WHERE happened_at < $1
ORDER BY happened_at, account_id, event_id
LIMIT $2;

SELECT event_id, happened_at, kind, authority_id, staff_id, reason
FROM account_event
WHERE account_id = $1
ORDER BY happened_at DESC, event_id
LIMIT $2;

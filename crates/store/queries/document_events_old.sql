-- What was done with documents before. That an account was taken away decides whether a second worker is
-- needed, and stays.
SELECT person_id, event_id, happened_at
FROM document_event
WHERE happened_at < $1
    AND kind <> 'other-ended' AND kind <> 'deleted'
ORDER BY happened_at, person_id, event_id
LIMIT $2;

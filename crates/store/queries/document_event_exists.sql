SELECT event_id
FROM document_event
WHERE person_id = $1 AND kind = $2
ORDER BY happened_at, event_id
LIMIT 1;

SELECT event.event_id, event.happened_at, event.kind, event.authority_id, event.staff_id, event.reason,
    authority.name
FROM document_event AS event
LEFT JOIN authority ON authority.authority_id = event.authority_id
WHERE event.person_id = $1
ORDER BY event.happened_at DESC, event.event_id
LIMIT $2;

-- Its time is over.
DELETE FROM document_event
WHERE person_id = $1 AND event_id = $2 AND happened_at = $3;

INSERT INTO document_event (person_id, happened_at, event_id, kind, authority_id, staff_id, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7);

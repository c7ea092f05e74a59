INSERT INTO account_event (account_id, happened_at, event_id, kind, authority_id)
VALUES ($1, $2, $3, $4, $5);

INSERT INTO outbox (person_id, change_id, before_status, after_status, changed_at)
VALUES ($1, $2, $3, $4, $5);

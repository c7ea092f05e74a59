-- The first delivery counts.
UPDATE outbox
SET delivered_at = $3
WHERE person_id = $1 AND change_id = $2 AND delivered_at IS NULL;

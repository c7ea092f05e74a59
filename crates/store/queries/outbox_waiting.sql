SELECT person_id, change_id, before_status, after_status, changed_at
FROM outbox
WHERE delivered_at IS NULL
ORDER BY changed_at, person_id, change_id
LIMIT $1;

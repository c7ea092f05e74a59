-- Messages that went out before.
SELECT person_id, change_id
FROM outbox
WHERE delivered_at < $1 AND delivered_at IS NOT NULL
ORDER BY delivered_at, person_id, change_id
LIMIT $2;

-- Messages about what was before, and that never went out: they say nothing any more.
SELECT person_id, change_id
FROM outbox
WHERE changed_at < $1 AND delivered_at IS NULL
ORDER BY changed_at, person_id, change_id
LIMIT $2;

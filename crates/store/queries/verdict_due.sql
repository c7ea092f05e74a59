-- The longest overdue first.
SELECT person_id
FROM verdict
WHERE next_change_at <= $1
ORDER BY next_change_at, person_id
LIMIT $2;

-- Since when the longest overdue is.
SELECT next_change_at
FROM verdict
WHERE next_change_at <= $1
ORDER BY next_change_at, person_id
LIMIT 1;

-- One page of what waits, the oldest first.
SELECT glitch_id, reported_at, page, said, answered_at, answered_by, outcome, answer
FROM glitch
WHERE answered_at IS NULL AND (reported_at, glitch_id) > ($1, $2)
ORDER BY reported_at, glitch_id
LIMIT $3;

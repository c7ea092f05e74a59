-- Whoever answers first, answers.
UPDATE glitch
SET answered_at = $2, answered_by = $3, outcome = $4, answer = $5
WHERE glitch_id = $1 AND answered_at IS NULL;

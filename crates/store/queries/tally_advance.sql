-- Only from the step that the caller saw: otherwise another node was faster.
UPDATE tally
SET open_day = $3, decided_at = $4, after_id = $5, step = step + 1
WHERE name = $1 AND step = $2;

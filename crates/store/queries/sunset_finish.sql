UPDATE sunset
SET finished_at = $2
WHERE name = $1 AND finished_at IS NULL;

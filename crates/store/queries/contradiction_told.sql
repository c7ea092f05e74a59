-- The first time counts.
UPDATE contradiction
SET told_at = $3
WHERE person_id = $1 AND contradiction_id = $2 AND told_at IS NULL;

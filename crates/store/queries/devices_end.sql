UPDATE device
SET ended_at = $2
WHERE person_id = $1 AND ended_at IS NULL;

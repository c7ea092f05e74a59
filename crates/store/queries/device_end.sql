UPDATE device
SET ended_at = $3
WHERE person_id = $1 AND device_id = $2 AND ended_at IS NULL;

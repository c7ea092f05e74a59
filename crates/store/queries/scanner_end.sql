UPDATE scanner
SET ended_at = $2
WHERE scanner_id = $1 AND ended_at IS NULL;

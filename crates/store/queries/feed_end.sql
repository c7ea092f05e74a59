UPDATE feed
SET ended_at = $2
WHERE feed_id = $1 AND ended_at IS NULL;

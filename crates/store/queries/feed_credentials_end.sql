-- The earlier ones of a feed, when another takes their place; few rows.
UPDATE feed_credential
SET ends_at = $2
WHERE feed_id = $1 AND ends_at > $2;

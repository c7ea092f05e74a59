-- Those that are too old to count anyway, in the background.
DELETE FROM feed_signature
WHERE ends_at < $1;

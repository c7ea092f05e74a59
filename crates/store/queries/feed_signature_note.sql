-- Counts once, also when two servers are asked at the same time.
INSERT INTO feed_signature (feed_id, signed_hash, ends_at)
VALUES ($1, $2, $3)
ON CONFLICT (feed_id, signed_hash) DO NOTHING;

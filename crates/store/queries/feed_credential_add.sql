INSERT INTO feed_credential (credential_hash, feed_id, created_at, ends_at, shown_to)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (credential_hash) DO NOTHING;

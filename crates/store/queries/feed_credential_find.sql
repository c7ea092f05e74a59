SELECT feed_id, ends_at
FROM feed_credential
WHERE credential_hash = $1;

SELECT feed_id, created_at, ends_at, shown_to
FROM feed_credential
WHERE credential_hash = $1;

-- Claims the key. No row is written if the key is taken; a concurrent claim waits for the first
-- one to commit or to give up. The outcome follows in the same transaction.
INSERT INTO request (request_key, content_hash, outcome, recorded_at)
VALUES ($1, $2, '', $3)
ON CONFLICT (request_key) DO NOTHING;

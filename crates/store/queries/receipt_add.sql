-- Claims the request. No row is written if it was carried out; a concurrent claim waits for the
-- first one to commit or to give up.
INSERT INTO receipt (request_hash, content_hash, outcome, recorded_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (request_hash) DO NOTHING
RETURNING request_hash;

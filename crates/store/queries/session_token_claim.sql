-- No row is written if the token is somebody's already: the same request derived it before.
INSERT INTO session_token (session_hash, account_id, session_id)
VALUES ($1, $2, $3)
ON CONFLICT (session_hash) DO NOTHING
RETURNING session_hash;

-- Its session is gone.
DELETE FROM session_token
WHERE session_hash = $1;

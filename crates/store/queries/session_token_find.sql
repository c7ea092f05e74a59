SELECT session_hash, account_id, session_id
FROM session_token
WHERE session_hash = $1;

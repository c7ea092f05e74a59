-- One page of what sessions present, in order of the hash. An empty one sorts before all others.
SELECT session_hash, account_id, session_id
FROM session_token
WHERE session_hash > $1
ORDER BY session_hash
LIMIT $2;

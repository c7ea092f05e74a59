INSERT INTO session_token (session_hash, account_id, session_id)
SELECT claimed.session_hash, claimed.account_id, claimed.session_id
FROM UNNEST($1, $2, $3) AS claimed (session_hash, account_id, session_id)
ON CONFLICT (session_hash) DO NOTHING
RETURNING session_hash;

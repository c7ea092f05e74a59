-- Tokens from before there were accounts, page by page after $1.
SELECT token_hash, person_id
FROM person_token
WHERE token_hash > $1
ORDER BY token_hash
LIMIT $2;

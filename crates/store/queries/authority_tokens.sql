-- Tokens of version 0.1 that are not feeds yet.
SELECT token_hash, authority_id
FROM authority_token
ORDER BY token_hash;

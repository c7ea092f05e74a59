SELECT authority_id
FROM authority_token
WHERE token_hash = $1;

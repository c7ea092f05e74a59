DELETE FROM person_token
WHERE token_hash = $1;

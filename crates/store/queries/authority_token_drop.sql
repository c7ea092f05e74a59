-- One that is a feed now.
DELETE FROM authority_token
WHERE token_hash = $1;

-- Fails if the token is another authority's: 256 random bits do not repeat by chance.
INSERT INTO authority_token (token_hash, authority_id)
VALUES ($1, $2);

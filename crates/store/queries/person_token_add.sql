-- Fails if the token is somebody's already: 256 random bits do not repeat by chance.
INSERT INTO person_token (token_hash, person_id)
VALUES ($1, $2);

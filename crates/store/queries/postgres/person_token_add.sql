INSERT INTO person_token (token_hash, person_id)
SELECT added.token_hash, added.person_id
FROM UNNEST($1, $2) AS added (token_hash, person_id);

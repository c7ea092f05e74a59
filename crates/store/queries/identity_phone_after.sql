-- One page of blind indexes, in order of the key. An empty one sorts before all others.
SELECT phone_index, person_id
FROM identity_phone
WHERE phone_index > $1 OR (phone_index = $1 AND person_id > $2)
ORDER BY phone_index, person_id
LIMIT $3;

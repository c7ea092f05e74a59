-- It is written anew under another key.
DELETE FROM identity_phone
WHERE phone_index = $1 AND person_id = $2
RETURNING phone_index, person_id;

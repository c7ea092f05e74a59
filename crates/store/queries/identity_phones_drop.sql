DELETE FROM identity_phone
WHERE person_id = $1;

SELECT person_id
FROM identity_phone
WHERE phone_index = $1
ORDER BY person_id;

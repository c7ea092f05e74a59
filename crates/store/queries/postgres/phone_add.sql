INSERT INTO identity_phone (phone_index, person_id)
SELECT added.phone_index, added.person_id
FROM UNNEST($1, $2) AS added (phone_index, person_id)
ON CONFLICT (phone_index, person_id) DO NOTHING;

INSERT INTO identity_phone (phone_index, person_id)
VALUES ($1, $2)
ON CONFLICT (phone_index, person_id) DO NOTHING;

INSERT INTO staff_passkey (staff_id, credential_id, passkey, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (staff_id, credential_id) DO UPDATE SET
    passkey = excluded.passkey;

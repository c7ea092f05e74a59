SELECT passkey
FROM staff_passkey
WHERE staff_id = $1
ORDER BY created_at, credential_id;

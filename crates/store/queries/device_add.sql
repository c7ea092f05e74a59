-- Enrolling the same key again changes nothing.
INSERT INTO device (person_id, device_id, public_key, enrolled_at, from_at, until_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (person_id, device_id) DO NOTHING;

-- Enrolling the same phone again changes nothing.
INSERT INTO device (person_id, device_id, public_key, enrolled_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id, device_id) DO NOTHING;

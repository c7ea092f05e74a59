SELECT person_id, device_id, public_key, enrolled_at, from_at, until_at
FROM device
WHERE person_id = $1 AND device_id = $2 AND ended_at IS NULL;

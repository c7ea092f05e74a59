SELECT person_id, device_id, public_key, enrolled_at, from_at, until_at
FROM device
WHERE person_id = $1 AND ended_at IS NULL
ORDER BY enrolled_at, device_id;

SELECT person_id, device_id, list, slot_index, claimed_at, expires_at
FROM slot
WHERE person_id = $1 AND list = $2 AND slot_index = $3;

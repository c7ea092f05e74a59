SELECT person_id, device_id, list, slot_index, claimed_at, expires_at
FROM slot
WHERE person_id = $1 AND device_id IS NOT DISTINCT FROM $2 AND revoked_at IS NULL
ORDER BY claimed_at DESC, list DESC, slot_index DESC
LIMIT 1;

SELECT list, slot_index, revoked_at, expires_at, change_number
FROM slot
WHERE revoked_at IS NOT NULL AND expires_at > $1
ORDER BY list, slot_index;

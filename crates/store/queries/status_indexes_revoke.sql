UPDATE slot
SET revoked_at = $2, change_number = $3
WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2
RETURNING list, slot_index, revoked_at, expires_at, change_number;

-- Rows of the change $1 come after the index ($2, $3); a list of -1 comes before all.
SELECT list, slot_index, revoked_at, expires_at, change_number
FROM slot
WHERE revoked_at IS NOT NULL AND (change_number, list, slot_index) > ($1, $2, $3)
ORDER BY change_number, list, slot_index
LIMIT $4;

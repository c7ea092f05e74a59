-- Rows of the moment $1 come after the place ($2, $3); a list of -1 comes before all places.
SELECT list, slot_index, revoked_at, expires_at
FROM slot
WHERE revoked_at IS NOT NULL AND (revoked_at, list, slot_index) > ($1, $2, $3)
ORDER BY revoked_at, list, slot_index
LIMIT $4;

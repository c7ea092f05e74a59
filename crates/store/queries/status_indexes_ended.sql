SELECT person_id, list, slot_index
FROM slot
WHERE expires_at < $1
ORDER BY expires_at, list, slot_index
LIMIT $2;

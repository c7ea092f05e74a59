-- One that was given a later expiry meanwhile stays.
DELETE FROM slot
WHERE person_id = $1 AND list = $2 AND slot_index = $3 AND expires_at < $4
RETURNING person_id, list, slot_index;

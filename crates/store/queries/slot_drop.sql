DELETE FROM slot
WHERE person_id = $1 AND list = $2 AND slot_index = $3 AND expires_at < $4;

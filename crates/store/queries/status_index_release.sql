-- The place is free again.
DELETE FROM slot_claim
WHERE person_id = $1 AND list = $2 AND slot_index = $3;

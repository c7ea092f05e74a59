-- The place is free again.
DELETE FROM slot_claim
WHERE list = $1 AND slot_index = $2 AND person_id = $3;

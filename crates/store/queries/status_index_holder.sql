SELECT person_id
FROM slot_claim
WHERE list = $1 AND slot_index = $2;

-- One page of what waits for an officer, the first found first.
SELECT person_id, contradiction_id, about, declared_id, recorded_id, found_at, hear_by, seal, month, said,
    said_at, said_to, settled_at, outcome, settled_by, authority_id, reasons, told_at
FROM contradiction
WHERE settled_at IS NULL AND (hear_by, person_id, contradiction_id) > ($1, $2, $3)
ORDER BY hear_by, person_id, contradiction_id
LIMIT $4;

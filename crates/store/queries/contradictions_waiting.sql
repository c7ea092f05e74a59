-- One page of what waits for an officer and may be settled by $11, the first found first, about people in sight
-- ($1 to $7).
SELECT person_id, contradiction_id, about, declared_id, recorded_id, found_at, hear_by, seal, month, said,
    said_at, said_to, settled_at, outcome, settled_by, authority_id, reasons, told_at
FROM contradiction AS listed
WHERE settled_at IS NULL AND (hear_by, person_id, contradiction_id) > ($8, $9, $10) AND hear_by <= $11
    AND IN_SIGHT()
ORDER BY hear_by, person_id, contradiction_id
LIMIT $12;

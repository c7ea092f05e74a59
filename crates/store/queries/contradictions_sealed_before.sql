-- Those that an older key of the vault sealed, or the key of an earlier month.
SELECT person_id, contradiction_id, about, declared_id, recorded_id, found_at, hear_by, seal, month, said,
    said_at, said_to, settled_at, outcome, settled_by, authority_id, reasons, told_at
FROM contradiction
WHERE (seal < $1 OR month < $2) AND (person_id, contradiction_id) > ($3, $4)
ORDER BY person_id, contradiction_id
LIMIT $5;

SELECT person_id, contradiction_id, about, declared_id, recorded_id, found_at, hear_by, seal, month, said,
    said_at, said_to, settled_at, outcome, settled_by, authority_id, reasons, told_at
FROM contradiction
WHERE person_id = $1
ORDER BY found_at DESC, contradiction_id;

-- Found again it is the same.
INSERT INTO contradiction (person_id, contradiction_id, about, declared_id, recorded_id, found_at, hear_by, seal, month, said,
    said_at, said_to, settled_at, outcome, settled_by, authority_id, reasons, told_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (person_id, contradiction_id) DO NOTHING;

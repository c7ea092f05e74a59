-- Who settles first has settled.
UPDATE contradiction
SET settled_at = $3, outcome = $4, settled_by = $5, authority_id = $6, reasons = $7
WHERE person_id = $1 AND contradiction_id = $2 AND settled_at IS NULL;

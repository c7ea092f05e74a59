-- Not if it was sealed anew, talked about or settled meanwhile.
UPDATE contradiction
SET seal = $5, month = $6, said = $7, reasons = $8
WHERE person_id = $1 AND contradiction_id = $2 AND seal = $3 AND month = $4
    AND COALESCE(said_at, -1) = $9 AND COALESCE(settled_at, -1) = $10;

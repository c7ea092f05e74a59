-- Not if it was sealed anew or answered meanwhile.
UPDATE appeal
SET seal = $5, month = $6, said = $7, reasons = $8
WHERE person_id = $1 AND appeal_id = $2 AND seal = $3 AND month = $4 AND COALESCE(answered_at, -1) = $9;

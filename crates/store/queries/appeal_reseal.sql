-- Not if it was sealed anew or answered meanwhile.
UPDATE appeal
SET seal = $4, said = $5, reasons = $6
WHERE person_id = $1 AND appeal_id = $2 AND seal = $3 AND COALESCE(answered_at, -1) = $7;

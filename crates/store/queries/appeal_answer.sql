-- Who answers first has answered.
UPDATE appeal
SET answered_at = $3, outcome = $4, answered_by = $5, authority_id = $6, reasons = $7
WHERE person_id = $1 AND appeal_id = $2 AND answered_at IS NULL;

-- Changes nothing, and locks the row until the transaction ends: of two changes of one account the
-- later draws the greater number.
UPDATE account
SET change_number = change_number
WHERE account_id = $1
RETURNING account_id, person_id, assurance, proof, document_index, created_at, proven_at,
    change_number;

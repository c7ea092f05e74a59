SELECT account_id, person_id, assurance, proof, document_index, created_at, proven_at, change_number
FROM account
WHERE account_id = $1;

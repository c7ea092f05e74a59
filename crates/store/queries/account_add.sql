INSERT INTO account
    (account_id, person_id, assurance, proof, document_index, created_at, proven_at, change_number)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

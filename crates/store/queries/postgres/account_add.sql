INSERT INTO account
    (account_id, person_id, assurance, proof, document_index, created_at, proven_at, change_number)
SELECT added.account_id, added.person_id, added.assurance, added.proof, added.document_index,
    added.created_at, added.proven_at, added.change_number
FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8)
    AS added (account_id, person_id, assurance, proof, document_index, created_at, proven_at,
        change_number);

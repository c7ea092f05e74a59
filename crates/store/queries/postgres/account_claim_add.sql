INSERT INTO account_claim (document_index, account_id)
SELECT added.document_index, added.account_id
FROM UNNEST($1, $2) AS added (document_index, account_id)
ON CONFLICT (document_index, account_id) DO NOTHING;

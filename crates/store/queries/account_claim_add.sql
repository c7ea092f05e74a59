INSERT INTO account_claim (document_index, account_id)
VALUES ($1, $2)
ON CONFLICT (document_index, account_id) DO NOTHING;

UPDATE account
SET document_index = $3
WHERE account_id = $2 AND document_index = $1;

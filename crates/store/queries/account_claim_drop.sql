-- It is written anew under another key, or its account is deleted.
DELETE FROM account_claim
WHERE document_index = $1 AND account_id = $2
RETURNING document_index, account_id;

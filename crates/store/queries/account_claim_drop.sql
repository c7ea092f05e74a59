-- It was written anew under another key.
DELETE FROM account_claim
WHERE document_index = $1 AND account_id = $2;

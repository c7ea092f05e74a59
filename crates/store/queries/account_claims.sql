SELECT account_id
FROM account_claim
WHERE document_index = $1
ORDER BY account_id;

-- One page of blind indexes, in order of the key. An empty one sorts before all others.
SELECT document_index, account_id
FROM account_claim
WHERE document_index > $1 OR (document_index = $1 AND account_id > $2)
ORDER BY document_index, account_id
LIMIT $3;

-- Those proven furthest, then those opened first: whoever opens many more puts nobody out of sight.
SELECT account_claim.account_id
FROM account_claim
JOIN account ON account.account_id = account_claim.account_id
WHERE account_claim.document_index = $1
ORDER BY
    CASE account.assurance WHEN 'seen' THEN 0 WHEN 'phone' THEN 1 ELSE 2 END,
    account.created_at,
    account.account_id
LIMIT $2;

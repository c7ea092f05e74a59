-- Rows of the change $1 come after the account $2; an empty identifier comes before all others.
SELECT account_id, change_number
FROM account
WHERE change_number >= 0 AND (change_number, account_id) > ($1, $2)
ORDER BY change_number, account_id
LIMIT $3;

-- Many at once.
SELECT receipt.request_hash, receipt.content_hash, receipt.outcome
FROM UNNEST($1) AS asked (request_hash)
JOIN receipt ON receipt.request_hash = asked.request_hash;

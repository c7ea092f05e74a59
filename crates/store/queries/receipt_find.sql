SELECT request_hash, content_hash, outcome
FROM receipt
WHERE request_hash = $1;

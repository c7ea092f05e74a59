UPDATE receipt
SET outcome = $2
WHERE request_hash = $1;

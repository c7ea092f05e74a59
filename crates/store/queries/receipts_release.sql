DELETE FROM receipt
WHERE request_hash = $1;

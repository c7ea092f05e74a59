UPDATE request
SET outcome = $2
WHERE request_key = $1;

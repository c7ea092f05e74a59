SELECT content_hash, outcome
FROM request
WHERE request_key = $1;

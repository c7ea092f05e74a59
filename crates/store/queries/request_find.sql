SELECT content_hash, outcome, recorded_at
FROM request
WHERE request_key = $1;

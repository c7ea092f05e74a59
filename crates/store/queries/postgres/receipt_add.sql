-- Claims requests in the order given. Of two equal ones the first is taken.
INSERT INTO receipt (request_hash, content_hash, outcome, recorded_at)
SELECT added.request_hash, added.content_hash, added.outcome, added.recorded_at
FROM UNNEST($1, $2, $3, $4) AS added (request_hash, content_hash, outcome, recorded_at)
ON CONFLICT (request_hash) DO NOTHING
RETURNING request_hash;

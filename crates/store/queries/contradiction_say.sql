-- What was settled is not talked about any more.
UPDATE contradiction
SET said = $3, said_at = $4, said_to = $5
WHERE person_id = $1 AND contradiction_id = $2 AND settled_at IS NULL;

-- What was settled is not talked about any more, and nobody writes over what the person wrote.
UPDATE contradiction
SET said = $3, said_at = $4, said_to = $5
WHERE person_id = $1 AND contradiction_id = $2 AND settled_at IS NULL
    AND (said_at IS NULL OR said_to IS NOT NULL OR CAST($6 AS BIGINT) = 0);

-- The end of the primary key.
SELECT list
FROM slot_claim
ORDER BY list DESC
LIMIT 1;

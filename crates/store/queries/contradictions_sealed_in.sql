-- How many still need the key of a month before.
SELECT COUNT(*)
FROM contradiction
WHERE month < $1;

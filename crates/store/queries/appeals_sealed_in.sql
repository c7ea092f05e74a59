-- How many still need the key of a month before.
SELECT COUNT(*)
FROM appeal
WHERE month < $1;

-- Ends the claim that was read and no later one.
UPDATE counter
SET value = value + 1
WHERE name = $1 AND value = $2;

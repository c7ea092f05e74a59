-- Unless it was erased meanwhile.
UPDATE glitch
SET said = $3
WHERE glitch_id = $1 AND said = $2;

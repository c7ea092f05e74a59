-- What was said is gone for good; that it was reported stays.
UPDATE glitch
SET said = NULL
WHERE glitch_id = $1 AND said IS NOT NULL;

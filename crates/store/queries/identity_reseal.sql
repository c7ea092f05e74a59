-- Only what was read: who changed it meanwhile has sealed it already.
UPDATE identity
SET sealed = $3
WHERE person_id = $1 AND sealed = $2;

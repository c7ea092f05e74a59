-- An entry keeps the place that it was given first.
UPDATE audit_entry
SET leaf_index = $2
WHERE commitment = $1 AND leaf_index IS NULL;

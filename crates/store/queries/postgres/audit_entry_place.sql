UPDATE audit_entry
SET leaf_index = placed.leaf_index
FROM UNNEST($1, $2) AS placed (commitment, leaf_index)
WHERE audit_entry.commitment = placed.commitment AND audit_entry.leaf_index IS NULL;

-- Few rows, so that looking through all of them for one authority's is no matter.
DELETE FROM authority_token
WHERE authority_id = $1;

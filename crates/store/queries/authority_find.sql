SELECT authority_id, kind, name
FROM authority
WHERE authority_id = $1;

SELECT authority_id, kind, name
FROM authority
ORDER BY name, authority_id;

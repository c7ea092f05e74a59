SELECT authority_id, kind, name, region
FROM authority
ORDER BY name, authority_id;

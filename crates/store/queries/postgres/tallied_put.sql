INSERT INTO tallied (person_id, region, status, restrictions)
SELECT put.person_id, put.region, put.status, put.restrictions
FROM UNNEST($1, $2, $3, $4) AS put (person_id, region, status, restrictions)
ON CONFLICT (person_id) DO UPDATE SET
    region = excluded.region,
    status = excluded.status,
    restrictions = excluded.restrictions;

INSERT INTO tallied (person_id, region, status, restrictions)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id) DO UPDATE SET
    region = excluded.region,
    status = excluded.status,
    restrictions = excluded.restrictions;

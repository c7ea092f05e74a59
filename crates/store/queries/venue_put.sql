INSERT INTO venue (venue_id, name, category, region, authority_id)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (venue_id) DO UPDATE SET
    name = excluded.name,
    category = excluded.category,
    region = excluded.region,
    authority_id = excluded.authority_id;

INSERT INTO venue (venue_id, name, category, region)
VALUES ($1, $2, $3, $4)
ON CONFLICT (venue_id) DO UPDATE SET
    name = excluded.name,
    category = excluded.category,
    region = excluded.region;

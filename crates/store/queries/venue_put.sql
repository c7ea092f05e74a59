INSERT INTO venue (venue_id, name, category, region, authority_id, sign_number)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (venue_id) DO UPDATE SET
    name = excluded.name,
    category = excluded.category,
    region = excluded.region,
    authority_id = excluded.authority_id,
    sign_number = excluded.sign_number;

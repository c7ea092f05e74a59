INSERT INTO region_level (number, region, level, from_at, until_at, published_by, published_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

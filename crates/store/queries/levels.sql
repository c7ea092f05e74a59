SELECT number, region, level, from_at, until_at
FROM region_level
ORDER BY number;

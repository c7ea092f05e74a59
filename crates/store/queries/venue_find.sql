SELECT venue_id, name, category, region
FROM venue
WHERE venue_id = $1;

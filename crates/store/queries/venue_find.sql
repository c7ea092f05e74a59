SELECT venue_id, name, category, region, authority_id
FROM venue
WHERE venue_id = $1;

SELECT venue_id, name, category, region, authority_id, sign_number
FROM venue
WHERE venue_id = $1;

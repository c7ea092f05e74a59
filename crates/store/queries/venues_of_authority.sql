SELECT venue_id, name, category, region, authority_id, sign_number
FROM venue
WHERE authority_id = $1
ORDER BY name, venue_id
LIMIT $2;

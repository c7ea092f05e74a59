-- One page of the places of an office by name, after one of them; those in the region that begins with $4.
-- $5 is 'screen' or 'printed' for one sort of sign, or nothing for both.
SELECT venue_id, name, category, region, authority_id, sign_number
FROM venue
WHERE authority_id = $1 AND (name, venue_id) > ($2, $3)
    AND (CAST($4 AS TEXT) = '' OR region LIKE $4 || '%')
    AND (CAST($5 AS TEXT) = '' OR ($5 = 'screen') = (sign_number IS NOT NULL))
ORDER BY name, venue_id
LIMIT $6;

SELECT sealed
FROM identity
WHERE person_id = $1;

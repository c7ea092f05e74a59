INSERT INTO identity (person_id, sealed)
SELECT added.person_id, added.sealed
FROM UNNEST($1, $2) AS added (person_id, sealed);

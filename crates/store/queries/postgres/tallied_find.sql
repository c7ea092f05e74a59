-- Of many people.
SELECT tallied.person_id, tallied.region, tallied.status, tallied.restrictions
FROM UNNEST($1) AS asked (person_id)
JOIN tallied ON tallied.person_id = asked.person_id;

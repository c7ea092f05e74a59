-- The same of many people.
SELECT evidence.person_id, MIN(evidence.recorded_at)
FROM UNNEST($1) AS asked (person_id)
JOIN evidence ON evidence.person_id = asked.person_id
GROUP BY evidence.person_id
ORDER BY evidence.person_id;

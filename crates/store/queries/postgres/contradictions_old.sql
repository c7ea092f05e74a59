-- The same of many people.
SELECT contradiction.person_id, contradiction.contradiction_id
FROM UNNEST($1, $2) AS asked (person_id, settled_at)
JOIN contradiction ON contradiction.person_id = asked.person_id
WHERE contradiction.settled_at < asked.settled_at
ORDER BY contradiction.person_id, contradiction.contradiction_id;

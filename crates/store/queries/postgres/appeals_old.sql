-- The same of many people.
SELECT appeal.person_id, appeal.appeal_id
FROM UNNEST($1, $2) AS asked (person_id, answered_at)
JOIN appeal ON appeal.person_id = asked.person_id
WHERE appeal.answered_at < asked.answered_at
ORDER BY appeal.person_id, appeal.appeal_id;

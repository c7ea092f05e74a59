-- When the person became known, as far as evidence tells.
SELECT person_id, MIN(recorded_at)
FROM evidence
WHERE person_id = $1
GROUP BY person_id
ORDER BY person_id;

-- When the person became known, as far as evidence tells.
SELECT person_id, recorded_at
FROM evidence
WHERE person_id = $1
ORDER BY recorded_at
LIMIT 1;

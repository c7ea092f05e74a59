-- Whose visits traces read that are over.
SELECT person_id, case_id, diagnosis_id
FROM trace_carrier
WHERE until_at < $1
ORDER BY until_at, person_id, case_id, diagnosis_id
LIMIT $2;

SELECT person_id, diagnosis_id, from_at, until_at, opened_at, reopened
FROM trace_job
WHERE finished_at IS NULL
ORDER BY opened_at, person_id, diagnosis_id
LIMIT $1;

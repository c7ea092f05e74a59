SELECT person_id, diagnosis_id, from_at, until_at, opened_at, reopened, staff_id
FROM trace_job
WHERE finished_at IS NULL
ORDER BY opened_at, person_id, diagnosis_id
LIMIT $1;

SELECT person_id, diagnosis_id, from_at, until_at, opened_at, reopened, staff_id, finished_at,
    contacts
FROM trace_job
WHERE person_id = $1 AND diagnosis_id = $2;

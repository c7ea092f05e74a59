-- The same diagnosis opens one job.
INSERT INTO trace_job
    (person_id, diagnosis_id, from_at, until_at, opened_at, reopened, staff_id)
VALUES ($1, $2, $3, $4, $5, 0, $6)
ON CONFLICT (person_id, diagnosis_id) DO NOTHING;

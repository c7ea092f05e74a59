UPDATE trace_job
SET finished_at = NULL, contacts = NULL, reopened = reopened + 1
WHERE person_id = $1 AND diagnosis_id = $2;

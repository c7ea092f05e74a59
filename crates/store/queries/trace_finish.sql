-- The first one to finish counts. A job that was opened again in the meantime stays open.
UPDATE trace_job
SET finished_at = $3, contacts = $4
WHERE person_id = $1 AND diagnosis_id = $2 AND reopened = $5 AND finished_at IS NULL;

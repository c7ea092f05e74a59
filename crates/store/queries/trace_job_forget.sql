-- Its diagnosis is forgotten.
DELETE FROM trace_job
WHERE person_id = $1 AND diagnosis_id = $2;

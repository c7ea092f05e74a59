-- Many at once, of whomever.
SELECT trace_job.person_id, trace_job.diagnosis_id, trace_job.from_at, trace_job.until_at,
    trace_job.opened_at, trace_job.reopened, trace_job.staff_id, trace_job.finished_at,
    trace_job.contacts
FROM UNNEST($1, $2) AS asked (person_id, diagnosis_id)
JOIN trace_job
    ON trace_job.person_id = asked.person_id AND trace_job.diagnosis_id = asked.diagnosis_id
ORDER BY trace_job.person_id, trace_job.diagnosis_id;

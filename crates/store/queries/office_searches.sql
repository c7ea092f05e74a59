-- Searches for contacts that run for an office, the oldest first.
SELECT opened_at
FROM trace_job
WHERE finished_at IS NULL
    AND EXISTS (
        SELECT 1
        FROM office_case AS found
        WHERE found.person_id = trace_job.person_id AND found.diagnosis_id = trace_job.diagnosis_id
            AND found.authority_id = $1
    )
ORDER BY opened_at, person_id, diagnosis_id
LIMIT $2;

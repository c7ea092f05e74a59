INSERT INTO trace_group (group_id, case_id, diagnosis_id, from_at, until_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (group_id, case_id, diagnosis_id, from_at) DO UPDATE SET
    until_at = excluded.until_at;

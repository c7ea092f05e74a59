INSERT INTO trace_carrier (person_id, case_id, diagnosis_id, from_at, until_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id, case_id, diagnosis_id) DO UPDATE SET
    from_at = excluded.from_at,
    until_at = excluded.until_at;

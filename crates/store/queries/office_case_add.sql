-- The same diagnosis is one case.
INSERT INTO office_case
    (person_id, diagnosis_id, authority_id, found_at, onset_at, opened_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (person_id, diagnosis_id) DO NOTHING;

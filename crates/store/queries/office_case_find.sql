SELECT person_id, diagnosis_id, authority_id, found_at, onset_at, opened_at, withdrawn_at
FROM office_case
WHERE person_id = $1 AND diagnosis_id = $2;

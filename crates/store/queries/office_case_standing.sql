-- The newest case of an office that stands of a person, found since $3.
SELECT person_id, diagnosis_id, authority_id, found_at, onset_at, opened_at, withdrawn_at
FROM office_case
WHERE person_id = $1 AND authority_id = $2 AND found_at >= $3 AND withdrawn_at IS NULL
ORDER BY found_at DESC, diagnosis_id
LIMIT 1;

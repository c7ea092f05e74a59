-- One page of the cases of an office, the newest first.
SELECT person_id, diagnosis_id, authority_id, found_at, onset_at, opened_at, withdrawn_at
FROM office_case
WHERE authority_id = $1 AND opened_at >= $2
    AND (opened_at, person_id, diagnosis_id) < ($3, $4, $5)
ORDER BY opened_at DESC, person_id DESC, diagnosis_id DESC
LIMIT $6;

-- Many at once, of whomever.
SELECT office_case.person_id, office_case.diagnosis_id, office_case.authority_id,
    office_case.found_at, office_case.onset_at, office_case.opened_at, office_case.withdrawn_at
FROM UNNEST($1, $2) AS asked (person_id, diagnosis_id)
JOIN office_case
    ON office_case.person_id = asked.person_id AND office_case.diagnosis_id = asked.diagnosis_id
ORDER BY office_case.person_id, office_case.diagnosis_id;

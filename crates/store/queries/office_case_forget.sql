DELETE FROM office_case
WHERE person_id = $1 AND diagnosis_id = $2;

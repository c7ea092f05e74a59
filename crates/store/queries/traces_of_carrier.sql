SELECT case_id, diagnosis_id
FROM trace_carrier
WHERE person_id = $1 AND from_at < $3 AND until_at > $2
ORDER BY case_id, diagnosis_id;

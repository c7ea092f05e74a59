-- Nothing that touches it comes in any more.
DELETE FROM trace_carrier
WHERE person_id = $1 AND case_id = $2 AND diagnosis_id = $3;

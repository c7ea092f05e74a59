-- The diagnosis that led to them is forgotten.
DELETE FROM trace_contact
WHERE person_id = $1 AND diagnosis_id = $2;

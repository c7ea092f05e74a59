SELECT contact_id, evidence_id
FROM trace_contact
WHERE person_id = $1 AND diagnosis_id = $2
ORDER BY contact_id, evidence_id;

-- One page of what a search found, in the order of the contacts' identifiers.
SELECT contact_id, evidence_id
FROM trace_contact
WHERE person_id = $1 AND diagnosis_id = $2 AND evidence_id > $3
ORDER BY evidence_id
LIMIT $4;

-- Who submitted each piece about a person.
SELECT evidence_id, staff_id
FROM evidence_staff
WHERE person_id = $1
ORDER BY evidence_id, staff_id;

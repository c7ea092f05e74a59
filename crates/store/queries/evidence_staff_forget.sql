DELETE FROM evidence_staff
WHERE person_id = $1 AND evidence_id = $2;

-- Its time is over. Nothing else ever deletes evidence.
DELETE FROM evidence
WHERE person_id = $1 AND evidence_id = $2;

-- The evidence about everybody of one page of people, the first exclusive, the last inclusive.
SELECT person_id, evidence_id, fact
FROM evidence
WHERE person_id > $1 AND person_id <= $2
ORDER BY person_id, evidence_id;

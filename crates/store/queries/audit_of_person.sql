SELECT commitment
FROM audit_person
WHERE person_id = $1
ORDER BY recorded_at DESC, commitment
LIMIT $2;

SELECT person_id, commitment, recorded_at
FROM audit_person
WHERE person_id = $1 AND commitment = $2;

INSERT INTO audit_person (person_id, commitment, recorded_at)
SELECT added.person_id, added.commitment, added.recorded_at
FROM UNNEST($1, $2, $3) AS added (person_id, commitment, recorded_at);

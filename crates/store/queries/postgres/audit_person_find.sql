-- Many at once, of whomever.
SELECT audit_person.person_id, audit_person.commitment, audit_person.recorded_at
FROM UNNEST($1, $2) AS asked (person_id, commitment)
JOIN audit_person
    ON audit_person.person_id = asked.person_id AND audit_person.commitment = asked.commitment
ORDER BY audit_person.person_id, audit_person.commitment;

-- Locks the people in the order given, so that no two transactions wait for each other.
INSERT INTO person (person_id, revision)
SELECT touched.person_id, 1
FROM UNNEST($1) AS touched (person_id)
ON CONFLICT (person_id) DO UPDATE SET revision = person.revision + 1
RETURNING person_id, revision;

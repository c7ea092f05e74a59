-- Makes the person known and locks their row until the transaction ends. A transaction that comes
-- second waits here, and then sees what the first one wrote.
INSERT INTO person (person_id, revision)
VALUES ($1, 1)
ON CONFLICT (person_id) DO UPDATE SET revision = person.revision + 1
RETURNING person_id, revision;

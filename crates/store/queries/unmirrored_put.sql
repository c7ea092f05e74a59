-- The person's row is locked, so revisions come here in their order.
INSERT INTO unmirrored (person_id, revision)
VALUES ($1, $2)
ON CONFLICT (person_id) DO UPDATE SET revision = excluded.revision;

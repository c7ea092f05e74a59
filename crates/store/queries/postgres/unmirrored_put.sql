-- The people's rows are locked, so revisions come here in their order.
INSERT INTO unmirrored (person_id, revision)
SELECT put.person_id, put.revision
FROM UNNEST($1, $2) AS put (person_id, revision)
ON CONFLICT (person_id) DO UPDATE SET revision = excluded.revision;

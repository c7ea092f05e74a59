-- What was taken in before, of any kind: whether its own time is over is for the caller to say.
SELECT person_id, evidence_id, kind, begins_at, ends_at, recorded_at
FROM evidence
WHERE person_id = $1 AND recorded_at < $2
ORDER BY evidence_id;

-- A withdrawal is read however old it is, so that it is there whenever the withdrawn fact is.
SELECT person_id, evidence_id, authority_id, recorded_at, fact
FROM evidence
WHERE person_id = $1
    AND (ends_at IS NULL OR ends_at >= $2 OR kind = 'withdrawal')
ORDER BY begins_at, evidence_id;

-- The same of many people.
SELECT evidence.person_id, evidence.evidence_id, evidence.kind, evidence.begins_at,
    evidence.ends_at, evidence.recorded_at
FROM UNNEST($1, $2) AS asked (person_id, recorded_at)
JOIN evidence ON evidence.person_id = asked.person_id
WHERE evidence.recorded_at < asked.recorded_at
ORDER BY evidence.person_id, evidence.evidence_id;

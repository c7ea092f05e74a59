-- The same of many people.
SELECT evidence.person_id, evidence.evidence_id, evidence.authority_id, evidence.recorded_at,
    evidence.fact
FROM UNNEST($1, $2) AS asked (person_id, authority_id)
JOIN evidence ON evidence.person_id = asked.person_id
WHERE evidence.authority_id = asked.authority_id OR evidence.kind = 'withdrawal'
ORDER BY evidence.person_id, evidence.begins_at, evidence.evidence_id;

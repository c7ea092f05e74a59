-- Many at once, of whomever.
SELECT evidence.person_id, evidence.evidence_id, evidence.authority_id, evidence.recorded_at,
    evidence.fact
FROM UNNEST($1, $2) AS asked (person_id, evidence_id)
JOIN evidence
    ON evidence.person_id = asked.person_id AND evidence.evidence_id = asked.evidence_id
ORDER BY evidence.person_id, evidence.evidence_id;

-- Of many people.
SELECT appealed_evidence.person_id, appealed_evidence.appeal_id, appealed_evidence.evidence_id,
    appealed_evidence.filed_at
FROM UNNEST($1) AS asked (person_id)
JOIN appealed_evidence ON appealed_evidence.person_id = asked.person_id
WHERE appealed_evidence.answered_at IS NULL
ORDER BY appealed_evidence.person_id, appealed_evidence.appeal_id, appealed_evidence.evidence_id;

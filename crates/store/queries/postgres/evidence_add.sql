INSERT INTO evidence
    (person_id, evidence_id, authority_id, kind, begins_at, ends_at, recorded_at, fact)
SELECT added.person_id, added.evidence_id, added.authority_id, added.kind, added.begins_at,
    added.ends_at, added.recorded_at, added.fact
FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8)
    AS added (person_id, evidence_id, authority_id, kind, begins_at, ends_at, recorded_at, fact)
ON CONFLICT (person_id, evidence_id) DO NOTHING
RETURNING person_id, evidence_id;

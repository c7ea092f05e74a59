-- Evidence that is there already is left out: it never changes.
INSERT INTO evidence
    (person_id, evidence_id, authority_id, kind, begins_at, ends_at, recorded_at, fact)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (person_id, evidence_id) DO NOTHING
RETURNING person_id, evidence_id;

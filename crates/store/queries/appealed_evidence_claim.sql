-- Each piece is appealed against once.
INSERT INTO appealed_evidence (person_id, evidence_id, appeal_id, filed_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id, evidence_id) DO NOTHING;

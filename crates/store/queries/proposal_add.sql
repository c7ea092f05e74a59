-- The same proposal is added once.
INSERT INTO proposal
    (proposal_id, kind, content, proposed_staff, proposed_by, proposed_name, proposed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (proposal_id) DO NOTHING;

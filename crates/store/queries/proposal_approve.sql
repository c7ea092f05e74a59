-- By somebody else than its proposer (two persons), and only for the difference that they saw.
UPDATE proposal
SET outcome = 'approved', settled_staff = $3, settled_by = $4, settled_name = $5, settled_at = $6,
    reason = $7
WHERE proposal_id = $1 AND base = $2 AND outcome IS NULL AND proposed_staff <> $3;

-- By somebody else than its proposer (two persons), and only for the difference that they saw.
UPDATE proposal
SET outcome = 'approved', settled_by = $3, settled_name = $4, settled_at = $5, reason = $6
WHERE proposal_id = $1 AND base = $2 AND outcome IS NULL AND proposed_by <> $3;

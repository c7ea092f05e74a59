-- By somebody else than its proposer (two persons); for what needs no comparison with what is in force.
-- Behind what has no proposer there is no first person yet: see proposal_vouch.sql.
UPDATE proposal
SET outcome = 'approved', settled_staff = $3, settled_by = $4, settled_name = $5, settled_at = $6,
    reason = $7
WHERE proposal_id = $1 AND kind = $2 AND outcome IS NULL AND proposed_staff <> $3;

UPDATE proposal
SET outcome = 'rejected', settled_by = $2, settled_name = $3, settled_at = $4, reason = $5
WHERE proposal_id = $1 AND outcome IS NULL;

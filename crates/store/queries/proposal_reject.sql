UPDATE proposal
SET outcome = 'rejected', settled_staff = $2, settled_by = $3, settled_name = $4, settled_at = $5,
    reason = $6
WHERE proposal_id = $1 AND outcome IS NULL;

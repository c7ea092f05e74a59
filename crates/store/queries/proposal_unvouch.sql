-- Whoever answered for what a machine submitted is gone: see proposal_vouch.sql.
UPDATE proposal
SET proposed_staff = NULL, proposed_name = $3
WHERE proposal_id = $1 AND proposed_staff = $2 AND outcome IS NULL;

-- What a machine submitted has no staff member behind it. Whoever answers for it is the first of two.
UPDATE proposal
SET proposed_staff = $3, proposed_name = $4
WHERE proposal_id = $1 AND kind = $2 AND outcome IS NULL AND proposed_staff IS NULL;

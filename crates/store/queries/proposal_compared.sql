-- Only while it waits: what was shown to whoever settled it stays as it was.
UPDATE proposal
SET base = $2, difference = $3, compared_at = $4
WHERE proposal_id = $1 AND outcome IS NULL;

-- That it was proposed and how it ended stays, and what it said goes.
UPDATE proposal
SET content = '', reason = ''
WHERE proposal_id = $1 AND content <> '';

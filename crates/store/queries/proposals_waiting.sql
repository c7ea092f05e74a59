-- The oldest first: those that nobody has settled.
SELECT proposal_id, kind, content, proposed_by, proposed_name, proposed_at,
    base, difference, compared_at, outcome, settled_by, settled_name, settled_at, reason
FROM proposal
WHERE outcome IS NULL
ORDER BY proposed_at, proposal_id;

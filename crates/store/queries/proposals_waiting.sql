-- Policies and levels that nobody has settled, the oldest first.
SELECT proposal_id, kind, content, proposed_staff, proposed_by, proposed_name, proposed_at,
    base, difference, compared_at, outcome, settled_staff, settled_by, settled_name, settled_at, reason
FROM proposal
WHERE kind IN ('policy', 'levels') AND outcome IS NULL
ORDER BY proposed_at, proposal_id;

-- The same of one authority.
SELECT proposal_id, kind, content, proposed_staff, proposed_by, proposed_name, proposed_at,
    base, difference, compared_at, outcome, settled_staff, settled_by, settled_name, settled_at, reason
FROM proposal
WHERE kind = $1 AND proposed_by = $2 AND content <> ''
ORDER BY (outcome IS NOT NULL), proposed_at DESC, proposal_id DESC
LIMIT $3;

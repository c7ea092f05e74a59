-- One page of proposals of the kinds $1 and $2: those that wait first, and of these and the others the newest
-- first, after a place. $3 is how they ended, 'waiting' for those that did not, or nothing for all.
SELECT proposal_id, kind, content, proposed_staff, proposed_by, proposed_name, proposed_at,
    base, difference, compared_at, outcome, settled_staff, settled_by, settled_name, settled_at, reason
FROM proposal
WHERE (kind = $1 OR kind = $2)
    AND (CAST($3 AS TEXT) = '' OR COALESCE(outcome, 'waiting') = $3)
    AND (
        (CASE WHEN outcome IS NULL THEN 0 ELSE 1 END) > CAST($4 AS BIGINT)
        OR (
            (CASE WHEN outcome IS NULL THEN 0 ELSE 1 END) = CAST($4 AS BIGINT)
            AND (proposed_at, proposal_id) < ($5, $6)
        )
    )
ORDER BY (outcome IS NOT NULL), proposed_at DESC, proposal_id DESC
LIMIT $7;

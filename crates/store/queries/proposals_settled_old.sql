-- What was settled before, of the kinds that name people.
SELECT proposal_id
FROM proposal
WHERE settled_at < $1 AND content <> ''
    AND kind <> 'policy' AND kind <> 'levels' AND kind <> 'feed' AND kind <> 'sunset'
ORDER BY settled_at, proposal_id
LIMIT $2;

SELECT proposal_id, law, began_at, finished_at
FROM sunset
WHERE name = $1;

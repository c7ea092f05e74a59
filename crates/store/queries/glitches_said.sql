-- One page of what says something, in order of identifier.
SELECT glitch_id, said
FROM glitch
WHERE said IS NOT NULL AND glitch_id > $1
ORDER BY glitch_id
LIMIT $2;

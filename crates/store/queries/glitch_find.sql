SELECT glitch_id, reported_at, page, said, answered_at, answered_by, outcome, answer
FROM glitch
WHERE glitch_id = $1;

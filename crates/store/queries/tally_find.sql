SELECT began_day, open_day, decided_at, after_id, step
FROM tally
WHERE name = $1;

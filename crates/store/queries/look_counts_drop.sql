DELETE FROM look_count
WHERE day < $1;

DELETE FROM one_time_code
WHERE ends_at < $1;

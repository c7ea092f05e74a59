DELETE FROM glitch
WHERE reported_at < $1;

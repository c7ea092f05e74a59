DELETE FROM alarm
WHERE raised_at < $1 AND acknowledged_at IS NOT NULL;

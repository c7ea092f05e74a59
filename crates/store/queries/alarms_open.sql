SELECT COUNT(*)
FROM alarm
WHERE acknowledged_at IS NULL;

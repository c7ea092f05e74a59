SELECT COUNT(*)
FROM glitch
WHERE answered_at IS NULL;

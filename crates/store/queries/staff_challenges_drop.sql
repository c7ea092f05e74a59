-- Those that nobody answered.
DELETE FROM staff_challenge
WHERE ends_at < $1;

-- Those that ended a day ago, in the background.
DELETE FROM staff_session
WHERE ends_at < $1;

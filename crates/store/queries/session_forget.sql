-- It ended long ago.
DELETE FROM resident_session
WHERE account_id = $1 AND session_id = $2;

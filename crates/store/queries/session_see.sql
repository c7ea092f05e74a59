UPDATE resident_session
SET seen_at = $3
WHERE account_id = $1 AND session_id = $2 AND seen_at < $3;

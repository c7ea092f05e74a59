UPDATE staff_session
SET ended_at = $2
WHERE session_hash = $1 AND ended_at IS NULL;

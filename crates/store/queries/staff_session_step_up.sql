UPDATE staff_session
SET stepped_up_at = $2, seen_at = $2
WHERE session_hash = $1 AND ended_at IS NULL;

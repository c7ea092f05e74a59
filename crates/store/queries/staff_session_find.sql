SELECT staff_id, created_at, seen_at, stepped_up_at, ends_at, ended_at
FROM staff_session
WHERE session_hash = $1;

INSERT INTO staff_session
    (session_hash, staff_id, created_at, seen_at, stepped_up_at, ends_at)
VALUES ($1, $2, $3, $3, $3, $4);

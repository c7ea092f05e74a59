SELECT account_id, session_id, kind, label, created_at, seen_at, ends_at, ended_at
FROM resident_session
WHERE account_id = $1 AND session_id = $2;

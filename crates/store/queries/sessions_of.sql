SELECT account_id, session_id, kind, label, created_at, seen_at, ends_at, ended_at
FROM resident_session
WHERE account_id = $1 AND ended_at IS NULL AND ends_at > $2
ORDER BY seen_at DESC, session_id;

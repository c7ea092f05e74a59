INSERT INTO resident_session
    (account_id, session_id, kind, label, created_at, seen_at, ends_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

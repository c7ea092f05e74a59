INSERT INTO resident_session
    (account_id, session_id, kind, label, created_at, seen_at, ends_at, ended_at)
SELECT added.account_id, added.session_id, added.kind, added.label, added.created_at, added.seen_at,
    added.ends_at, added.ended_at
FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8)
    AS added (account_id, session_id, kind, label, created_at, seen_at, ends_at, ended_at);

-- Those that last at $2, the newest first.
SELECT scanner_id, authority_id, name, made_by, created_at, enrolled_at, ends_at, ended_at, venue_id,
    venue_before_id, venue_changed_at, enrolment_hash, token_hash
FROM scanner
WHERE authority_id = $1 AND ended_at IS NULL AND ends_at > $2
ORDER BY created_at DESC, scanner_id
LIMIT $3;

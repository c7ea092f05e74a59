SELECT scanner_id, authority_id, name, made_by, created_at, enrolled_at, ends_at, ended_at, venue_id,
    venue_before_id, venue_changed_at, enrolment_hash, token_hash
FROM scanner
WHERE scanner_id = $1;

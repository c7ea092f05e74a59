INSERT INTO scanner
    (scanner_id, authority_id, name, made_by, created_at, enrolment_hash, ends_at, venue_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

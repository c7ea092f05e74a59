-- The square works once, also when two devices are shown it at the same time.
UPDATE scanner
SET token_hash = $3, enrolled_at = $4, ends_at = $5
WHERE scanner_id = $1 AND enrolment_hash = $2 AND enrolled_at IS NULL AND ended_at IS NULL
    AND ends_at > $4;

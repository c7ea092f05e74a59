-- Venues that traces read, at times that are over.
SELECT venue_id, case_id, diagnosis_id, from_at
FROM trace_venue
WHERE until_at < $1
ORDER BY until_at, venue_id, case_id, diagnosis_id, from_at
LIMIT $2;

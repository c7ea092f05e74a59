-- Visits as evidence: those that had not ended at $2.
SELECT person_id, visit_id, authority_id, recorded_at, venue_id, category, entered_at, left_at
FROM visit_by_person
WHERE person_id = $1 AND (left_at IS NULL OR left_at >= $2)
ORDER BY entered_at, visit_id;

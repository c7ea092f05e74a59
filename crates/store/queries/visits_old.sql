-- Visits that were over and taken in before.
SELECT person_id, visit_id, venue_id, entered_at
FROM visit_by_person
WHERE person_id = $1 AND recorded_at < $2 AND entered_at < $2
    AND (left_at IS NULL OR left_at < $2)
ORDER BY visit_id;

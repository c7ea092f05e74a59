-- Visits that nobody decided about while they would have been kept.
SELECT person_id, visit_id
FROM held_visit
WHERE held_at < $1
ORDER BY held_at, person_id, visit_id
LIMIT $2;

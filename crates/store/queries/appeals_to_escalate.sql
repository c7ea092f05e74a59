-- Open ones that are late and were not found late before.
SELECT person_id, appeal_id
FROM appeal
WHERE answered_at IS NULL AND answer_by <= $1 AND escalated_at IS NULL
ORDER BY answer_by, person_id, appeal_id
LIMIT $2;

-- Open ones that are due soon and of which nobody was reminded.
SELECT person_id, appeal_id
FROM appeal
WHERE answered_at IS NULL AND answer_by <= $1 AND reminded_at IS NULL
ORDER BY answer_by, person_id, appeal_id
LIMIT $2;

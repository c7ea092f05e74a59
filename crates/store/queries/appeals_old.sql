-- Appeals of a person that were answered before.
SELECT person_id, appeal_id
FROM appeal
WHERE person_id = $1 AND answered_at < $2
ORDER BY appeal_id;

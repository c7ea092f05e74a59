-- One page of the people who have an open appeal. An empty identifier comes before all others.
SELECT DISTINCT person_id
FROM appeal
WHERE answered_at IS NULL AND person_id > $1
ORDER BY person_id
LIMIT $2;

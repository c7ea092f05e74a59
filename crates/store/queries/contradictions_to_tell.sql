-- Of which nobody told the person yet, the first found first.
SELECT person_id, contradiction_id, found_at, hear_by
FROM contradiction
WHERE told_at IS NULL AND settled_at IS NULL AND hear_by > $1
ORDER BY found_at, person_id, contradiction_id
LIMIT $2;

-- Those of a person that were settled before.
SELECT person_id, contradiction_id
FROM contradiction
WHERE person_id = $1 AND settled_at < $2
ORDER BY contradiction_id;

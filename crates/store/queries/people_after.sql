-- One page of everybody, in order of identifier. An empty identifier sorts before all others.
SELECT person_id
FROM person
WHERE person_id > $1
ORDER BY person_id
LIMIT $2;

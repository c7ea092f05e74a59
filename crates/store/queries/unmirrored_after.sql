-- One page of those noted, in order of identifier. An empty identifier sorts before all others.
SELECT person_id, revision
FROM unmirrored
WHERE person_id > $1
ORDER BY person_id
LIMIT $2;

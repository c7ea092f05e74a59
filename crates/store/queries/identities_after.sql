-- One page of the vault, in order of identifier. An empty identifier sorts before all others.
SELECT person_id, sealed
FROM identity
WHERE person_id > $1
ORDER BY person_id
LIMIT $2;

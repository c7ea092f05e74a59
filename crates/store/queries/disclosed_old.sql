-- Who could read before that they are in a disclosure.
SELECT person_id, disclosure_id
FROM disclosure_person
WHERE visible_at < $1
ORDER BY visible_at, person_id, disclosure_id
LIMIT $2;

-- One page of everybody with the revision that counts their writes. Read before their evidence: what
-- is committed up to that revision is then found.
SELECT person_id, revision
FROM person
WHERE person_id > $1
ORDER BY person_id
LIMIT $2;

-- As much of the verdicts of one page of people as tells whether deciding again would change them, the
-- first person exclusive, the last inclusive. $3 is how no findings are stored.
SELECT person_id, status, since_at, until_at, next_change_at, decided_at,
    CAST(CASE WHEN findings = $3 THEN 0 ELSE 1 END AS BIGINT)
FROM verdict
WHERE person_id > $1 AND person_id <= $2
ORDER BY person_id;

-- Those that the person may read of by now.
SELECT disclosure_id
FROM disclosure_person
WHERE person_id = $1 AND visible_at <= $2
ORDER BY visible_at, disclosure_id;

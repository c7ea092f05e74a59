-- The same of many people.
SELECT membership_by_person.person_id, membership_by_person.group_id, membership_by_person.from_at
FROM UNNEST($1, $2) AS asked (person_id, until_at)
JOIN membership_by_person ON membership_by_person.person_id = asked.person_id
WHERE membership_by_person.until_at < asked.until_at
    AND membership_by_person.recorded_at < asked.until_at
ORDER BY membership_by_person.person_id, membership_by_person.group_id,
    membership_by_person.from_at;

SELECT person_id, group_id, kind, from_at, until_at, counts_from, authority_id
FROM membership_by_person
WHERE person_id = $1
    AND from_at < $3
    AND (until_at IS NULL OR until_at > $2)
ORDER BY group_id, from_at;

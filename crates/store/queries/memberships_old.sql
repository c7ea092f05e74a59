-- Memberships that were over and taken in before. One that lasts is kept, however old.
SELECT person_id, group_id, from_at
FROM membership_by_person
WHERE person_id = $1 AND until_at < $2 AND recorded_at < $2
ORDER BY group_id, from_at;

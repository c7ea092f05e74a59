DELETE FROM membership_by_person
WHERE person_id = $1 AND group_id = $2 AND from_at = $3;

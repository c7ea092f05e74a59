DELETE FROM membership_by_group
WHERE group_id = $1 AND person_id = $2 AND from_at = $3;

UPDATE membership_by_group
SET counts_from = $4
WHERE group_id = $1 AND person_id = $2 AND from_at = $3;

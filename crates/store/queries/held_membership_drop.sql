DELETE FROM held_membership
WHERE person_id = $1 AND group_id = $2 AND member_id = $3 AND from_at = $4;

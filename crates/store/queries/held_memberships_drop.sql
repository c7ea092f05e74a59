DELETE FROM held_membership
WHERE person_id = $1;

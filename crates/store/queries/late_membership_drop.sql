-- Waits for a write of the same membership that is on its way, and leaves it if it says something
-- else.
DELETE FROM late_membership
WHERE person_id = $1 AND group_id = $2 AND from_at = $3 AND until_at = $4;

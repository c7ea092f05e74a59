-- Waits for a write of the same visit that is on its way, and leaves it if it says something else.
DELETE FROM late_visit
WHERE person_id = $1 AND visit_id = $2 AND until_at = $3;

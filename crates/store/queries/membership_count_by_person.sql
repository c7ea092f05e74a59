UPDATE membership_by_person
SET counts_from = $4
WHERE person_id = $1 AND group_id = $2 AND from_at = $3;

DELETE FROM visit_by_venue
WHERE venue_id = $1 AND entered_at = $2 AND visit_id = $3;

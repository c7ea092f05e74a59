-- Nothing changes if it records visits there already.
UPDATE scanner
SET venue_before_id = venue_id, venue_id = $2, venue_changed_at = $3
WHERE scanner_id = $1 AND venue_id IS DISTINCT FROM $2;

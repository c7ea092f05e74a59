-- Who said so first stays.
UPDATE alarm
SET acknowledged_at = $2, acknowledged_by = $3
WHERE alarm_id = $1 AND acknowledged_at IS NULL;

UPDATE staff_member
SET ended_at = $2
WHERE staff_id = $1 AND ended_at IS NULL;

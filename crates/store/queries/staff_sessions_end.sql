-- Every session of one member; by an index on the member.
UPDATE staff_session
SET ended_at = $2
WHERE staff_id = $1 AND ended_at IS NULL;

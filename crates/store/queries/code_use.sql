UPDATE one_time_code
SET used_at = $2
WHERE challenge_id = $1 AND used_at IS NULL;

-- Counts an attempt before the code is compared, so that attempts at the same moment count each.
UPDATE one_time_code
SET attempts = attempts + 1
WHERE challenge_id = $1 AND purpose = $2 AND attempts < $3 AND used_at IS NULL AND ends_at > $4
RETURNING account_id, code_hash;

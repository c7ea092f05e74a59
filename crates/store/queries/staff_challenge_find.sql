SELECT state, ends_at
FROM staff_challenge
WHERE challenge_hash = $1;

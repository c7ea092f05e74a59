-- An answer counts once.
DELETE FROM staff_challenge
WHERE challenge_hash = $1;

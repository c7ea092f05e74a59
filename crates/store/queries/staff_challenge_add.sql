INSERT INTO staff_challenge (challenge_hash, state, ends_at)
VALUES ($1, $2, $3);

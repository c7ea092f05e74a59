INSERT INTO code_sent (phone_index, sent_at, challenge_id)
VALUES ($1, $2, $3);

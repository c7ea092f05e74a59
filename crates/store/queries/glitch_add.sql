INSERT INTO glitch (glitch_id, reported_at, page, said)
VALUES ($1, $2, $3, $4)
ON CONFLICT (glitch_id) DO NOTHING;

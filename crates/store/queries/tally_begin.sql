-- Whoever begins first decides; the other finds it begun.
INSERT INTO tally (name, began_day, open_day, decided_at, after_id, step)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO NOTHING;

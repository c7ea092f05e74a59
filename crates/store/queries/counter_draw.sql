-- Draws $2 numbers and returns the last of them.
INSERT INTO counter (name, value)
VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value
RETURNING value;

-- The first to come names the mirror.
INSERT INTO mirror (name, mirror_id)
VALUES ($1, $2)
ON CONFLICT (name) DO NOTHING;

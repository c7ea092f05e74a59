-- Bound once, whoever asks later.
INSERT INTO staff_identity (identity_hash, staff_id, created_at)
VALUES ($1, $2, $3)
ON CONFLICT (identity_hash) DO NOTHING;

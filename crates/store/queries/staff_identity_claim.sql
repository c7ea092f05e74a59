-- Bound once, whoever asks later.
INSERT INTO staff_identity (identity_hash, staff_id, provider, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (identity_hash) DO NOTHING;

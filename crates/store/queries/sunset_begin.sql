-- It begins once.
INSERT INTO sunset (name, proposal_id, law, began_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO NOTHING;

INSERT INTO disclosure
    (disclosure_id, authority_id, recipient, basis, people, approved_at, visible_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (disclosure_id) DO NOTHING;

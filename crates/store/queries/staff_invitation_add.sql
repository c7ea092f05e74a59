INSERT INTO staff_invitation
    (invitation_hash, staff_id, authority_id, name, roles, regions, invited_by, approved_by, ends_at,
        proposal_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

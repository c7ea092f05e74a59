SELECT staff_id, authority_id, name, roles, regions, invited_by, approved_by, ends_at, used_at,
    proposal_id, approver_half
FROM staff_invitation
WHERE invitation_hash = $1;

-- The half that completes it, once.
UPDATE staff_invitation
SET approver_half = $2, approved_by = $3, ends_at = $4
WHERE proposal_id = $1 AND approver_half IS NULL AND used_at IS NULL;

-- The half before it works no more. An invitation that nobody has completed yet does not run out.
UPDATE staff_invitation
SET invitation_hash = $2
WHERE proposal_id = $1 AND used_at IS NULL AND (approver_half IS NULL OR ends_at > $3);

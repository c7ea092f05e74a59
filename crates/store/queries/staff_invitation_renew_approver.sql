-- The half before it works no more.
UPDATE staff_invitation
SET approver_half = $2
WHERE proposal_id = $1 AND used_at IS NULL AND approver_half IS NOT NULL AND ends_at > $3;

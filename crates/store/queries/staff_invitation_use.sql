-- Works once, also when two take it up at the same time.
UPDATE staff_invitation
SET used_at = $2
WHERE invitation_hash = $1 AND used_at IS NULL;

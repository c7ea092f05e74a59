-- Earlier ones of the command line, when another takes their place.
UPDATE staff_invitation
SET ends_at = $1
WHERE invited_by IS NULL AND used_at IS NULL AND ends_at > $1;

-- Those that a staff member proposed or approved and that nobody took up: a few, at the end of an account.
UPDATE staff_invitation
SET ends_at = $2
WHERE (invited_by = $1 OR approved_by = $1) AND used_at IS NULL AND ends_at > $2;

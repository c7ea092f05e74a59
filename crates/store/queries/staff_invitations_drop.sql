-- They open nothing any more.
DELETE FROM staff_invitation
WHERE ends_at < $1;

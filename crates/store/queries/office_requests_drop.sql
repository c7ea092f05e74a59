-- Those that are over, in the background; few are ever there.
DELETE FROM office_request
WHERE asked_at < $1;

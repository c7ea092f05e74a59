-- Keys of days that are over.
DELETE FROM device
WHERE until_at < $1;

-- Those of one member, whose account has ended; by an index on the member.
DELETE FROM staff_identity
WHERE staff_id = $1;

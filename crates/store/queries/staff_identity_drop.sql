-- Those of one member at one provider, who wants them no more; by an index on the member.
DELETE FROM staff_identity
WHERE staff_id = $1 AND provider = $2;

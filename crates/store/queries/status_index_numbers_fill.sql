-- Migration 6: an index that version 0.1 revoked has the second of that as the number of its change.
UPDATE slot SET change_number = revoked_at
WHERE person_id > $1 AND person_id <= $2 AND change_number = 0 AND revoked_at IS NOT NULL;

-- Migration 6: a verdict of version 0.1 has the second of its decision as the number of its change.
UPDATE verdict SET change_number = decided_at
WHERE person_id > $1 AND person_id <= $2 AND change_number = 0;

-- Nothing that touches it comes in any more.
DELETE FROM trace_group
WHERE group_id = $1 AND case_id = $2 AND diagnosis_id = $3 AND from_at = $4;

-- Groups that traces read, at times that are over.
SELECT group_id, case_id, diagnosis_id, from_at
FROM trace_group
WHERE until_at < $1
ORDER BY until_at, group_id, case_id, diagnosis_id, from_at
LIMIT $2;

-- A trace that looked there several times comes once for each.
SELECT case_id, diagnosis_id
FROM trace_group
WHERE group_id = $1 AND from_at < $3 AND until_at > $2
ORDER BY case_id, diagnosis_id;

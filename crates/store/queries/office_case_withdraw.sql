-- The first time that it is taken back counts.
UPDATE office_case
SET withdrawn_at = $3
WHERE person_id = $1 AND diagnosis_id = $2 AND withdrawn_at IS NULL;

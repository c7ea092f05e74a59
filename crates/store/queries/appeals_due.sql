SELECT COUNT(*)
FROM appeal
WHERE answered_at IS NULL AND answer_by <= $1;

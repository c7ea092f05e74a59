-- One page of the open appeals that fall due by $11, the soonest due first, about people in sight ($1 to $7).
SELECT person_id, appeal_id, filed_at, answer_by, seal, month, said, file_form, reminded_at,
    escalated_at, answered_at, outcome, answered_by, authority_id, reasons
FROM appeal AS listed
WHERE answered_at IS NULL AND (answer_by, person_id, appeal_id) > ($8, $9, $10) AND answer_by <= $11
    AND IN_SIGHT()
ORDER BY answer_by, person_id, appeal_id
LIMIT $12;

-- One page of the queue, the soonest due first.
SELECT person_id, appeal_id, filed_at, answer_by, seal, month, said, file_form, reminded_at,
    escalated_at, answered_at, outcome, answered_by, authority_id, reasons
FROM appeal
WHERE answered_at IS NULL AND (answer_by, person_id, appeal_id) > ($1, $2, $3)
ORDER BY answer_by, person_id, appeal_id
LIMIT $4;

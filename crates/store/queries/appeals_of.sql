SELECT person_id, appeal_id, filed_at, answer_by, seal, month, said, file_form, reminded_at,
    escalated_at, answered_at, outcome, answered_by, authority_id, reasons
FROM appeal
WHERE person_id = $1
ORDER BY filed_at DESC, appeal_id;

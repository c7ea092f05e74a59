-- Those that an older key of the vault sealed.
SELECT person_id, appeal_id, filed_at, answer_by, seal, said, file_form, reminded_at, escalated_at,
    answered_at, outcome, answered_by, authority_id, reasons
FROM appeal
WHERE seal < $1
ORDER BY person_id, appeal_id
LIMIT $2;

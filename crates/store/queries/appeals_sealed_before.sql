-- Those that an older key of the vault sealed, or the key of an earlier month.
SELECT person_id, appeal_id, filed_at, answer_by, seal, month, said, file_form, reminded_at,
    escalated_at, answered_at, outcome, answered_by, authority_id, reasons
FROM appeal
WHERE (seal < $1 OR month < $2) AND (person_id, appeal_id) > ($3, $4)
ORDER BY person_id, appeal_id
LIMIT $5;

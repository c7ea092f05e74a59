INSERT INTO appeal (person_id, appeal_id, filed_at, answer_by, seal, month, said, file_form)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

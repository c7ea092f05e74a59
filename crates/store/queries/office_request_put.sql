INSERT INTO office_request (person_id, account_id, act, authority_id, staff_id, asked_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (person_id, account_id, act, authority_id) DO UPDATE
SET staff_id = excluded.staff_id, asked_at = excluded.asked_at;

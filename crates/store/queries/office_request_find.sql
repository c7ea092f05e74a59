SELECT staff_id, asked_at
FROM office_request
WHERE person_id = $1 AND account_id = $2 AND act = $3 AND authority_id = $4;

UPDATE account
SET person_id = $2, assurance = $3, proof = $4, proven_at = $5, change_number = $6
WHERE account_id = $1;

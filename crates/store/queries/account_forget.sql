-- Its holder deleted it: nothing in the row says any more whose it was. The row stays, so that other
-- nodes read that it changed.
UPDATE account
SET person_id = $2, assurance = 'claimed', proof = NULL, document_index = NULL, proven_at = NULL,
    change_number = $3
WHERE account_id = $1;

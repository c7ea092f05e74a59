-- It is written anew under another key.
DELETE FROM identity_document
WHERE document_index = $1 AND person_id = $2
RETURNING document_index, person_id;

-- It was written anew under another key.
DELETE FROM identity_document
WHERE document_index = $1 AND person_id = $2;

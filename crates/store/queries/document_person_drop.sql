-- It was written anew under another key.
DELETE FROM document_person
WHERE document_index = $1 AND person_id = $2;

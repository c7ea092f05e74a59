-- Who registered with the document before there were accounts.
SELECT document_index, person_id
FROM identity_document
WHERE document_index = $1;

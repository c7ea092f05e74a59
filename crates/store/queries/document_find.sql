SELECT document_index, person_id
FROM document_person
WHERE document_index = $1;

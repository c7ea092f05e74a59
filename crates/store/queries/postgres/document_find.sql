-- Of many documents.
SELECT document_person.document_index, document_person.person_id
FROM UNNEST($1) AS asked (document_index)
JOIN document_person ON document_person.document_index = asked.document_index;

-- Of many documents.
SELECT identity_document.document_index, identity_document.person_id
FROM UNNEST($1) AS asked (document_index)
JOIN identity_document ON identity_document.document_index = asked.document_index;

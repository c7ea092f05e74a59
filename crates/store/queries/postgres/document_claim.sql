-- Claims documents in the order given. Of two equal ones the first is taken.
INSERT INTO document_person (document_index, person_id)
SELECT claimed.document_index, claimed.person_id
FROM UNNEST($1, $2) AS claimed (document_index, person_id)
ON CONFLICT (document_index) DO NOTHING
RETURNING person_id;

-- Claims the document. No row is written if it has a person; a concurrent claim waits for the first
-- one to commit or to give up.
INSERT INTO document_person (document_index, person_id)
VALUES ($1, $2)
ON CONFLICT (document_index) DO NOTHING
RETURNING person_id;

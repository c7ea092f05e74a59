-- One page of blind indexes, in order of the key. An empty one sorts before all others.
SELECT document_index, person_id
FROM document_person
WHERE document_index > $1 OR (document_index = $1 AND person_id > $2)
ORDER BY document_index, person_id
LIMIT $3;

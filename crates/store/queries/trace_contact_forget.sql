-- The evidence is forgotten.
DELETE FROM trace_contact
WHERE contact_id = $1 AND evidence_id = $2;

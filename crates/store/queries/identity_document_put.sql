-- Only the vault's key changes: who registered with which document stays as it was.
INSERT INTO identity_document (document_index, person_id)
VALUES ($1, $2)
ON CONFLICT (document_index) DO NOTHING;

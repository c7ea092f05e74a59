-- The commitment stays, and says nothing without these.
UPDATE audit_entry
SET salt = NULL, content = NULL
WHERE commitment = $1 AND content IS NOT NULL;

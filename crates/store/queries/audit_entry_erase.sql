-- The commitment stays, and says nothing without these.
UPDATE audit_entry
SET salt = NULL, payload = NULL
WHERE commitment = $1 AND payload IS NOT NULL;

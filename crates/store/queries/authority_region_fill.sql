-- Authorities of version 0.1, once, when a server starts.
UPDATE authority
SET region = $1
WHERE region IS NULL;

-- Comes before the migration itself in its transaction: of two programs that migrate at once,
-- the second waits here and then fails without having changed anything.
INSERT INTO schema_version (version)
VALUES ($1);

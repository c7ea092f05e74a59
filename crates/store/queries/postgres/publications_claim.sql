-- Whoever publishes waits for those who decide now, so that what is decided again afterwards is read
-- with all that they write.
SELECT PG_ADVISORY_XACT_LOCK(HASHTEXT('publications of ' || CURRENT_SCHEMA()));

-- Whoever decides shares this lock until the transaction ends, and waits for whoever publishes. Each
-- schema of a database has its own.
SELECT PG_ADVISORY_XACT_LOCK_SHARED(HASHTEXT('publications of ' || CURRENT_SCHEMA()));

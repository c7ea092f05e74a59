-- Looks where an unqualified name would be found.
SELECT COUNT(*)
FROM pg_catalog.pg_class
WHERE oid = TO_REGCLASS('schema_version');

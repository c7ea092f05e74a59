SELECT CAST(tgname AS TEXT)
FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid IN (
    SELECT oid
    FROM pg_class
    WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = CURRENT_SCHEMA())
)
ORDER BY tgname;

SELECT pg_trigger.tgname::TEXT
FROM pg_trigger
JOIN pg_class ON pg_class.oid = pg_trigger.tgrelid
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE NOT pg_trigger.tgisinternal AND pg_namespace.nspname = CURRENT_SCHEMA()
ORDER BY pg_trigger.tgname;

-- The first thing that is wrong with the file, or 'ok'.
SELECT quick_check
FROM pragma_quick_check
LIMIT 1;

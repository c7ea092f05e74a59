-- The time of the database in milliseconds.
SELECT CAST(UNIXEPOCH('subsec') * 1000 AS INTEGER);

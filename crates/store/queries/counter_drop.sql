DELETE FROM counter
WHERE name = $1;

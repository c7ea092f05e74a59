-- There is one writer at a time.
SELECT in_force
FROM walk
WHERE name = $1;

-- Nobody moves on to another key before this transaction ends.
SELECT in_force
FROM walk
WHERE name = $1
FOR SHARE;

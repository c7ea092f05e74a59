UPDATE walk
SET in_force = $2
WHERE name = $1;

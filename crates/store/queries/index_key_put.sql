UPDATE walk
SET in_force = $1
WHERE name = 'index';

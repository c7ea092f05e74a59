-- A generation and all older ones.
DELETE FROM mirror_generation
WHERE number <= $1;

SELECT COUNT(*)
FROM contradiction
WHERE seal = $1;

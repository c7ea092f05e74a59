SELECT COUNT(*)
FROM appeal
WHERE seal = $1;

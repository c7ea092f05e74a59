-- The last number drawn; what is drawn later is greater.
SELECT COALESCE(MAX(value), 10000000000)
FROM counter
WHERE name = 'change';

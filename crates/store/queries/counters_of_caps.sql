-- A few hundred: one for each authority, cap and day.
SELECT name
FROM counter
WHERE name LIKE 'cap %'
ORDER BY name;

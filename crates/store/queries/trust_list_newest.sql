SELECT value
FROM counter
WHERE name = 'trust_list';

-- How many of each kind wait, by who proposed them.
SELECT kind, proposed_by, COUNT(*)
FROM proposal
WHERE outcome IS NULL
GROUP BY kind, proposed_by
ORDER BY kind, proposed_by;

-- How often each kind was approved and rejected.
SELECT kind, outcome, COUNT(*)
FROM proposal
WHERE outcome IS NOT NULL
GROUP BY kind, outcome
ORDER BY kind, outcome;

-- What happened on each of some days, over all regions.
SELECT day, measure, CAST(SUM(value) AS BIGINT)
FROM daily_count
WHERE day >= $1 AND day <= $2 AND measure IN ('registered', 'check')
GROUP BY day, measure
ORDER BY day, measure;

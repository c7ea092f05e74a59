-- A count that everybody has left stands at nought and is left out.
SELECT measure, region, word, value
FROM daily_count
WHERE day = $1 AND value > 0
ORDER BY measure, region, word;

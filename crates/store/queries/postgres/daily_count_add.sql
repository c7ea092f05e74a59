INSERT INTO daily_count (day, measure, region, word, value)
SELECT added.day, added.measure, added.region, added.word, added.value
FROM UNNEST($1, $2, $3, $4, $5) AS added (day, measure, region, word, value)
ON CONFLICT (day, measure, region, word) DO UPDATE SET
    value = daily_count.value + excluded.value;

INSERT INTO daily_count (day, measure, region, word, value)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (day, measure, region, word) DO UPDATE SET
    value = daily_count.value + excluded.value;

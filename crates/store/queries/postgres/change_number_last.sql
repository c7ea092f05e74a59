-- The last number drawn, visible or not; what is drawn later is greater.
SELECT last_value
FROM change_number;

-- The last number drawn, visible or not; what is drawn later is greater.
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
FROM change_number;

-- A request older than that is not repeated any more.
DELETE FROM receipt
WHERE recorded_at < $1;

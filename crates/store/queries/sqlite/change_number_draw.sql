-- There is one writer, so numbers become visible in order.
INSERT INTO counter (name, value)
VALUES ('change', 10000000001)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1
RETURNING value;

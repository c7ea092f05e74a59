-- An odd number says that who drew it writes all visits; an even one that several do.
INSERT INTO counter (name, value)
VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 + counter.value % 2
RETURNING value;

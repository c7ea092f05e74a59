-- The number only grows.
INSERT INTO counter (name, value)
VALUES ('trust_list', $1)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
    WHERE counter.value < excluded.value;

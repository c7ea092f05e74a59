-- What a tracer needs to take in a visit that a gate recorded as the gate recorded it.

-- The scanner at a gate that recorded it; NULL if the phone of the person did.
ALTER TABLE held_visit ADD COLUMN scanner_id BYTEA;
-- The authority whose scanner that is; NULL without a scanner.
ALTER TABLE held_visit ADD COLUMN authority_id BYTEA;
-- What was measured at the gate, in tenths of a degree Celsius; NULL if nothing was.
ALTER TABLE held_visit ADD COLUMN temperature BIGINT;

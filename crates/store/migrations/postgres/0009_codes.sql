-- What a checkpoint sees of a person is new each day.

-- When the day of the key begins. A key of version 0.1 had no day and is worth nothing: the phone
-- enrols fresh ones.
ALTER TABLE device ADD COLUMN from_at BIGINT NOT NULL DEFAULT 0;

-- When the key is worth nothing any more, some minutes after its day.
ALTER TABLE device ADD COLUMN until_at BIGINT NOT NULL DEFAULT 0;

-- Finds the keys whose day is over.
CREATE INDEX device_until ON device (until_at, person_id, device_id);

-- Finds the places that are free again.
CREATE INDEX slot_expires ON slot (expires_at, list, slot_index);

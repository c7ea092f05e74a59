-- Visits that wait for a tracer.

-- What the phone of a confirmed case uploaded after the confirmation. It is kept, and traced only once
-- a tracer has looked at it and taken it in.
CREATE TABLE held_visit (
    -- Who.
    person_id BLOB NOT NULL,
    -- The visit, under the identifier that it has once it is taken in.
    visit_id BLOB NOT NULL,
    -- Where.
    venue_id BLOB NOT NULL,
    -- What sort of place, copied from the venue.
    category TEXT,
    -- From when.
    entered_at INTEGER NOT NULL,
    -- Until when; NULL if the person did not check out.
    left_at INTEGER,
    -- When it was uploaded.
    held_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, visit_id)
) WITHOUT ROWID;

-- Phones and tablets that scan codes at a gate, and the visits that they record.

-- Devices of a checkpoint lead. A control table: some thousand rows.
CREATE TABLE scanner (
    -- A random identifier.
    scanner_id BYTEA NOT NULL PRIMARY KEY,
    -- For which authority.
    authority_id BYTEA NOT NULL,
    -- Its name among the authority's scanners.
    name TEXT NOT NULL,
    -- The staff member who made it.
    made_by BYTEA NOT NULL,
    -- When it was made.
    created_at BIGINT NOT NULL,
    -- Keyed hash of what the square holds that makes a device this scanner; that is not in the database.
    enrolment_hash BYTEA NOT NULL,
    -- Keyed hash of what the device presents; NULL until one is enrolled.
    token_hash BYTEA,
    -- When a device was enrolled; NULL until then. The square works once.
    enrolled_at BIGINT,
    -- When it ends whatever happens: until a device is enrolled, when the square does.
    ends_at BIGINT NOT NULL,
    -- When it was ended before that; NULL otherwise.
    ended_at BIGINT,
    -- The venue for which it records visits; NULL if it records none.
    venue_id BYTEA,
    -- The venue for which it did before: what waits on the device is still taken for a day.
    venue_before_id BYTEA,
    -- When the venue was changed last.
    venue_changed_at BIGINT
);

-- The scanners of an authority.
CREATE INDEX scanner_of_authority ON scanner (authority_id, created_at, scanner_id);

-- Visits that a scanner recorded: by which, and what was measured there. Never a part of evidence, so that
-- no rule reads it. Goes with the visit.
CREATE TABLE door_visit (
    -- Who.
    person_id BYTEA NOT NULL,
    -- Which visit.
    visit_id BYTEA NOT NULL,
    -- Which scanner recorded it.
    scanner_id BYTEA NOT NULL,
    -- The temperature that was measured at the gate, in tenths of a degree Celsius; NULL if none was.
    temperature BIGINT,
    PRIMARY KEY (person_id, visit_id)
);

-- The venues of an authority, by name.
CREATE INDEX venue_of_authority ON venue (authority_id, name, venue_id);

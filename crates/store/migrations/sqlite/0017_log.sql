-- The log: what staff members, feeds and operators did and saw. Anybody can check it, and nobody can change
-- it unseen.

-- What was done, written in the transaction that did it. What is public is the commitment alone, the
-- SHA-256 of salt and payload; these two may be erased, and the log stays whole.
CREATE TABLE audit_entry (
    -- SHA-256 of salt and payload.
    commitment BLOB NOT NULL PRIMARY KEY,
    -- 16 random bytes, so that nobody guesses the payload; NULL once it is erased.
    salt BLOB,
    -- Who did what, when, about whom and why, as the caller writes it; NULL once it is erased.
    payload BLOB,
    -- When it was done.
    recorded_at INTEGER NOT NULL,
    -- Its place in the log, counted from 0; NULL for the second or so until it has one.
    leaf_index INTEGER
);

-- Finds what has no place yet.
CREATE INDEX audit_entry_waiting ON audit_entry (recorded_at, commitment) WHERE leaf_index IS NULL;

-- Reads the log in its order.
CREATE INDEX audit_entry_leaf ON audit_entry (leaf_index) WHERE leaf_index IS NOT NULL;

-- Whom entries are about, so that they can read them.
CREATE TABLE audit_person (
    -- Who.
    person_id BLOB NOT NULL,
    -- Which entry.
    commitment BLOB NOT NULL,
    -- When it was done.
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, commitment)
) WITHOUT ROWID;

-- The hashes of the tree over the log, 256 in a row.
CREATE TABLE audit_tile (
    -- 0 has the hashes of entries, each level above those of the tiles below it.
    tile_level INTEGER NOT NULL,
    -- Which one of its level, from 0.
    tile_index INTEGER NOT NULL,
    -- The hashes, 32 bytes each; the last one of a level grows.
    hashes BLOB NOT NULL,
    PRIMARY KEY (tile_level, tile_index)
) WITHOUT ROWID;

-- What the log signed last: one row.
CREATE TABLE audit_head (
    -- `log`.
    name TEXT NOT NULL PRIMARY KEY,
    -- How many entries have a place.
    size INTEGER NOT NULL,
    -- The signed checkpoint, as it is served; empty before the first one.
    checkpoint TEXT NOT NULL,
    -- When it was signed.
    signed_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The newest checkpoint that each witness signed.
CREATE TABLE audit_witness (
    -- The name of the witness.
    witness TEXT NOT NULL PRIMARY KEY,
    -- How many entries it had.
    size INTEGER NOT NULL,
    -- The checkpoint with the signature of the log and that of the witness.
    checkpoint TEXT NOT NULL,
    -- When the witness looked.
    seen_at INTEGER NOT NULL
) WITHOUT ROWID;

-- How often each staff member looked at people on a day, so that far more than is normal is noticed.
CREATE TABLE look_count (
    -- For which authority they act.
    authority_id BLOB NOT NULL,
    -- The day: whole days of UTC since 1970.
    day INTEGER NOT NULL,
    -- Who.
    staff_id BLOB NOT NULL,
    -- At how many people.
    looks INTEGER NOT NULL,
    PRIMARY KEY (authority_id, day, staff_id)
) WITHOUT ROWID;

-- Reports of glitches, from anybody.

-- A report, and its answer. Who reported it is not known; the number that opens it is kept as a keyed
-- hash alone.
CREATE TABLE glitch (
    -- The keyed hash of the number that whoever reported it was given.
    glitch_id BLOB NOT NULL,
    -- When it was reported.
    reported_at INTEGER NOT NULL,
    -- On which page, if they said so; an address of this site.
    page TEXT NOT NULL,
    -- What they wanted to do and what happened, sealed as an identity is; NULL once it was erased.
    said BLOB,
    -- When it was answered; NULL while it waits.
    answered_at INTEGER,
    -- Which staff member answered.
    answered_by BLOB,
    -- What came of it, as a word.
    outcome TEXT,
    -- The answer, for whoever has the number.
    answer TEXT,
    PRIMARY KEY (glitch_id)
) WITHOUT ROWID;

-- What waits for an answer, the oldest first.
CREATE INDEX glitch_waiting ON glitch (reported_at, glitch_id) WHERE answered_at IS NULL;

-- What was answered, the newest first, and what is old.
CREATE INDEX glitch_reported ON glitch (reported_at, glitch_id);

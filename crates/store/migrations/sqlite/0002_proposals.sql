-- Publishing with two persons: what was proposed, what it would change, and who decided; and how far
-- everybody has been decided again.

-- Policies and region levels that wait for a second person, and those that were settled.
CREATE TABLE proposal (
    -- A random identifier.
    proposal_id BLOB NOT NULL PRIMARY KEY,
    -- 'policy' or 'levels'.
    kind TEXT NOT NULL,
    -- The policy document, or the levels as JSON.
    content TEXT NOT NULL,
    -- The authority that proposed it; another one must approve.
    proposed_by BLOB NOT NULL,
    -- Its name then.
    proposed_name TEXT NOT NULL,
    -- When.
    proposed_at INTEGER NOT NULL,
    -- What was in force when the difference was computed, as a digest; NULL until then.
    base TEXT,
    -- Whom it would change, as JSON without any figure from 1 to 9; NULL until computed.
    difference TEXT,
    -- When that was computed; NULL until then.
    compared_at INTEGER,
    -- 'approved' or 'rejected'; NULL while it waits.
    outcome TEXT,
    -- The authority that approved or rejected it; NULL while it waits.
    settled_by BLOB,
    -- Its name then; NULL while it waits.
    settled_name TEXT,
    -- When; NULL while it waits.
    settled_at INTEGER,
    -- Why; NULL while it waits.
    reason TEXT
) WITHOUT ROWID;

-- How far a walk over everybody is, so that one that was cut off goes on where it stood.
CREATE TABLE walk (
    -- Which walk: 'everybody'.
    name TEXT NOT NULL PRIMARY KEY,
    -- What everybody is decided under, as a digest.
    in_force TEXT NOT NULL,
    -- The last person decided; NULL before the first.
    after_id BLOB,
    -- People decided so far.
    decided INTEGER NOT NULL,
    -- Those of them whose status changed.
    changed INTEGER NOT NULL,
    -- 1 once everybody was decided, else 0.
    is_finished INTEGER NOT NULL
) WITHOUT ROWID;

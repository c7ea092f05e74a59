-- Statistics: what was counted on each day, and how far the counting is. Filled by a worker that
-- follows the verdicts; no write about a person waits for it.

-- How far the counting of people is.
CREATE TABLE tally (
    -- Which count: 'people'.
    name TEXT NOT NULL PRIMARY KEY,
    -- The first day that is counted, in days since 1 January 1970.
    began_day INTEGER NOT NULL,
    -- The day that is being counted. All before it are closed and never change again.
    open_day INTEGER NOT NULL,
    -- Up to which moment of decision verdicts are counted.
    decided_at INTEGER NOT NULL,
    -- The last person counted of that very second; NULL if none.
    after_id BLOB,
    -- Grows with every step, so that a step that two nodes take counts once.
    step INTEGER NOT NULL
) WITHOUT ROWID;

-- How each person is counted at present, so that a change is taken out where it was put in.
CREATE TABLE tallied (
    -- Who.
    person_id BLOB NOT NULL PRIMARY KEY,
    -- Where they live, a county at the closest; NULL if not known.
    region TEXT,
    -- Their status.
    status TEXT NOT NULL,
    -- What restricts them: colour and rule joined by a colon, the one that gives the colour first,
    -- with blanks between them.
    restrictions TEXT NOT NULL
) WITHOUT ROWID;

-- What was counted, by day. Closed days never change.
CREATE TABLE daily_count (
    -- The local day, in days since 1 January 1970.
    day INTEGER NOT NULL,
    -- What is counted: 'registered' and 'check' happened on the day; 'status', 'reason' and
    -- 'restriction' are as at the end of it.
    measure TEXT NOT NULL,
    -- Where the people live; empty if not known, or if it is not counted by region.
    region TEXT NOT NULL,
    -- Which status, colour and rule, or outcome; empty if there is but one.
    word TEXT NOT NULL,
    -- How many.
    value INTEGER NOT NULL,
    PRIMARY KEY (day, measure, region, word)
) WITHOUT ROWID;

-- Alarms.

-- What somebody should look at. No personal data.
CREATE TABLE alarm (
    -- The same for the same thing on the same day, so that it is one alarm however often it is raised.
    alarm_id BLOB NOT NULL PRIMARY KEY,
    -- What, as a word.
    kind TEXT NOT NULL,
    -- Which limit, kind of request or key, as a word; empty if there is one only.
    about TEXT NOT NULL,
    -- The authority concerned; NULL if it is the whole installation.
    authority_id BLOB,
    -- When it was raised first.
    raised_at INTEGER NOT NULL,
    -- How many people, requests or days.
    number INTEGER NOT NULL,
    -- When a staff member said that they have seen it; NULL until then.
    acknowledged_at INTEGER,
    -- Who.
    acknowledged_by BLOB
);

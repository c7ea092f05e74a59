-- What people declared, held against what carriers, hotels and laboratories sent.

-- Something declared and something recorded that do not fit each other. It is no evidence.
CREATE TABLE contradiction (
    -- Whose.
    person_id BLOB NOT NULL,
    -- Which; it follows from the two pieces of evidence.
    contradiction_id BLOB NOT NULL,
    -- What it is about, as a word.
    about TEXT NOT NULL,
    -- The piece of evidence that the person declared.
    declared_id BLOB NOT NULL,
    -- The piece of evidence that somebody recorded.
    recorded_id BLOB NOT NULL,
    -- When it was found.
    found_at INTEGER NOT NULL,
    -- Until when the person has time to say something before it is confirmed without.
    hear_by INTEGER NOT NULL,
    -- The number of the vault's key that sealed what is sealed here.
    seal INTEGER NOT NULL,
    -- The month of the other key that it needs, in months since January 1970; 0 if it needs none.
    month INTEGER NOT NULL,
    -- What the person says, sealed for the person; NULL while they said nothing.
    said BLOB,
    -- When they said it.
    said_at INTEGER,
    -- Who wrote it down; NULL if the person did.
    said_to BLOB,
    -- When it was settled; NULL while it waits.
    settled_at INTEGER,
    -- How, as a word.
    outcome TEXT,
    -- By whom; NULL if the program dropped it.
    settled_by BLOB,
    -- For which authority.
    authority_id BLOB,
    -- The reasons, sealed for the person.
    reasons BLOB,
    PRIMARY KEY (person_id, contradiction_id)
);

-- What waits for an officer.
CREATE INDEX contradiction_waiting ON contradiction (hear_by, person_id, contradiction_id)
WHERE settled_at IS NULL;

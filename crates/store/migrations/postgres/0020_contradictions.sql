-- What people declared, held against what carriers, hotels and laboratories sent.

-- Something declared and something recorded that do not fit each other. It is no evidence.
CREATE TABLE contradiction (
    -- Whose.
    person_id BYTEA NOT NULL,
    -- Which; it follows from the two pieces of evidence.
    contradiction_id BYTEA NOT NULL,
    -- What it is about, as a word.
    about TEXT NOT NULL,
    -- The piece of evidence that the person declared.
    declared_id BYTEA NOT NULL,
    -- The piece of evidence that somebody recorded.
    recorded_id BYTEA NOT NULL,
    -- When it was found.
    found_at BIGINT NOT NULL,
    -- Until when the person has time to say something before it is confirmed without.
    hear_by BIGINT NOT NULL,
    -- The number of the vault's key that sealed what is sealed here.
    seal BIGINT NOT NULL,
    -- The month of the other key that it needs, in months since January 1970; 0 if it needs none.
    month BIGINT NOT NULL,
    -- What the person says, sealed for the person; NULL while they said nothing.
    said BYTEA,
    -- When they said it.
    said_at BIGINT,
    -- Who wrote it down; NULL if the person did.
    said_to BYTEA,
    -- When it was settled; NULL while it waits.
    settled_at BIGINT,
    -- How, as a word.
    outcome TEXT,
    -- By whom; NULL if the program dropped it.
    settled_by BYTEA,
    -- For which authority.
    authority_id BYTEA,
    -- The reasons, sealed for the person.
    reasons BYTEA,
    PRIMARY KEY (person_id, contradiction_id)
);

-- What waits for an officer.
CREATE INDEX contradiction_waiting ON contradiction (hear_by, person_id, contradiction_id)
WHERE settled_at IS NULL;

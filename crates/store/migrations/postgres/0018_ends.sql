-- What ends: disclosures, and the emergency itself.

-- Hand-overs of people's data to somebody outside that two staff members answer for.
CREATE TABLE disclosure (
    -- The proposal that was approved.
    disclosure_id BYTEA NOT NULL PRIMARY KEY,
    -- The authority that proposed it.
    authority_id BYTEA NOT NULL,
    -- To whom.
    recipient TEXT NOT NULL,
    -- The law it rests on.
    basis TEXT NOT NULL,
    -- How many people it is about.
    people BIGINT NOT NULL,
    -- When it was approved.
    approved_at BIGINT NOT NULL,
    -- From when on the people in it read of it, and the public counts it.
    visible_at BIGINT NOT NULL,
    -- From when on no extract is made any more.
    ends_at BIGINT NOT NULL
);

-- Counts them, in the order in which they become visible.
CREATE INDEX disclosure_visible ON disclosure (visible_at, disclosure_id);

-- Who is in a disclosure, so that they read of it.
CREATE TABLE disclosure_person (
    -- Who.
    person_id BYTEA NOT NULL,
    -- In which.
    disclosure_id BYTEA NOT NULL,
    -- From when on they read of it.
    visible_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, disclosure_id)
);

-- That the emergency has ended: one row from then on.
CREATE TABLE sunset (
    -- `sunset`.
    name TEXT NOT NULL PRIMARY KEY,
    -- What two staff members agreed on.
    proposal_id BYTEA NOT NULL,
    -- The law.
    law TEXT NOT NULL,
    -- From when on nothing is taken in and no code is made.
    began_at BIGINT NOT NULL,
    -- When everything was erased; NULL until then.
    finished_at BIGINT
);

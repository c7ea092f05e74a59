-- What offices do with documents.

-- The staff member who did it; NULL for the holder, for a provider, and for what was done before.
ALTER TABLE account_event ADD COLUMN staff_id BYTEA;
-- What the staff member wrote about it; NULL where nothing was written.
ALTER TABLE account_event ADD COLUMN reason TEXT;

-- What was done with a document: read by whoever is seen with it, also if that is later.
CREATE TABLE document_event (
    -- The document's person.
    person_id BYTEA NOT NULL,
    -- When.
    happened_at BIGINT NOT NULL,
    -- A random identifier; the same act has the same in account_event.
    event_id BYTEA NOT NULL,
    -- What, as a word.
    kind TEXT NOT NULL,
    -- The authority that did it; NULL for a provider.
    authority_id BYTEA,
    -- The staff member who did it; NULL for a provider.
    staff_id BYTEA,
    -- What the staff member wrote about it; NULL where nothing was written.
    reason TEXT,
    PRIMARY KEY (person_id, happened_at, event_id)
);

-- What one worker of an office asked for and a second one has to agree to. Kept for an hour.
CREATE TABLE office_request (
    -- The document's person.
    person_id BYTEA NOT NULL,
    -- On which account.
    account_id BYTEA NOT NULL,
    -- What: 'bind', 'bind-lost', 'guardian' or 'consent-in-office'.
    act TEXT NOT NULL,
    -- The office.
    authority_id BYTEA NOT NULL,
    -- Who asked last.
    staff_id BYTEA NOT NULL,
    -- When.
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, account_id, act, authority_id)
);

-- Accounts: who signs in on a phone, how far that is proven, and what may be ended. What others say
-- of a document lies with the document's person; only an account that is proven to be that person is
-- bound to them.
--
-- Two tables keep what they had and take in nothing more. person_token is emptied by the program,
-- which keys the hashes anew. identity_document says who registered with a document before there
-- were accounts: whatever authorities said of the document until then lies with that person.

-- Who signs in. Opening one asks for a document and proves nothing.
CREATE TABLE account (
    -- A random identifier.
    account_id BLOB NOT NULL PRIMARY KEY,
    -- Whose code it shows: a person of its own, or, once it is seen, the document's person.
    person_id BLOB NOT NULL,
    -- 'claimed', 'phone' or 'seen'.
    assurance TEXT NOT NULL,
    -- How it was seen: 'office', 'provider' or 'number'; NULL until then.
    proof TEXT,
    -- Keyed hash of the document that it claims; NULL if none is known.
    document_index BLOB,
    -- When it was opened.
    created_at INTEGER NOT NULL,
    -- When it reached its assurance; NULL while it is claimed.
    proven_at INTEGER,
    -- The last change of its assurance, its people or its sessions; -1 before the first.
    change_number INTEGER NOT NULL
) WITHOUT ROWID;

-- Lets another node follow which accounts changed since it last looked.
CREATE INDEX account_changed ON account (change_number, account_id) WHERE change_number >= 0;

-- Finds the accounts that claim a document. A look-up table.
CREATE TABLE account_claim (
    -- Keyed hash of kind and number.
    document_index BLOB NOT NULL,
    -- Who claims it.
    account_id BLOB NOT NULL,
    PRIMARY KEY (document_index, account_id)
) WITHOUT ROWID;

-- The person to whom evidence about a document goes. A look-up table: made by the first who names
-- the document, whoever that is, so that nobody learns from it who is registered.
CREATE TABLE document_person (
    -- Keyed hash of kind and number.
    document_index BLOB NOT NULL PRIMARY KEY,
    -- The document's person.
    person_id BLOB NOT NULL
) WITHOUT ROWID;

-- The account that is proven to be a document's person.
CREATE TABLE person_binding (
    -- The document's person.
    person_id BLOB NOT NULL PRIMARY KEY,
    -- The account.
    account_id BLOB NOT NULL,
    -- Since when.
    bound_at INTEGER NOT NULL
) WITHOUT ROWID;

-- People whose evidence was repeated for another, because both are the same.
CREATE TABLE person_moved (
    -- Whose evidence.
    person_id BLOB NOT NULL PRIMARY KEY,
    -- Under whom it counts from then on.
    to_person_id BLOB NOT NULL,
    -- When.
    moved_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Other people on an account: a child, a ward, somebody who consented.
CREATE TABLE account_person (
    -- Who shows the code.
    account_id BLOB NOT NULL,
    -- Whose code.
    person_id BLOB NOT NULL,
    -- 'guardian' or 'consent'.
    relation TEXT NOT NULL,
    -- Since when.
    since_at INTEGER NOT NULL,
    -- Until when; NULL while it lasts.
    until_at INTEGER,
    PRIMARY KEY (account_id, person_id)
) WITHOUT ROWID;

-- The same, by person, so that a person sees who holds them.
CREATE TABLE person_holder (
    -- Whose code.
    person_id BLOB NOT NULL,
    -- Who shows it.
    account_id BLOB NOT NULL,
    -- 'guardian' or 'consent'.
    relation TEXT NOT NULL,
    -- Since when.
    since_at INTEGER NOT NULL,
    -- Until when; NULL while it lasts.
    until_at INTEGER,
    PRIMARY KEY (person_id, account_id)
) WITHOUT ROWID;

-- Phones and browsers that are signed in. No address is kept.
CREATE TABLE resident_session (
    -- Whose.
    account_id BLOB NOT NULL,
    -- Names it in a list; opens nothing.
    session_id BLOB NOT NULL,
    -- 'api' for a token, 'page' for a browser.
    kind TEXT NOT NULL,
    -- What the person knows it by, such as the family of the browser; NULL if not known.
    label TEXT,
    -- When it began.
    created_at INTEGER NOT NULL,
    -- When it was used last, to the hour.
    seen_at INTEGER NOT NULL,
    -- When it ends by itself.
    ends_at INTEGER NOT NULL,
    -- When it was ended before that; NULL while it lasts.
    ended_at INTEGER,
    PRIMARY KEY (account_id, session_id)
) WITHOUT ROWID;

-- Finds the session of what is presented. A look-up table.
CREATE TABLE session_token (
    -- Keyed hash of the token or of the cookie; the key is not in the database.
    session_hash BLOB NOT NULL PRIMARY KEY,
    -- Whose.
    account_id BLOB NOT NULL,
    -- Which.
    session_id BLOB NOT NULL
) WITHOUT ROWID;

-- One-time codes that were asked for, whether or not there is an account: nobody learns which.
CREATE TABLE one_time_code (
    -- A random identifier, handed to whoever asked.
    challenge_id BLOB NOT NULL PRIMARY KEY,
    -- For which account; NULL if there is none.
    account_id BLOB,
    -- What it is for: 'prove' or 'sign-in'.
    purpose TEXT NOT NULL,
    -- Keyed hash of the code with the challenge; the key is not in the database.
    code_hash BLOB NOT NULL,
    -- How often a code was tried.
    attempts INTEGER NOT NULL,
    -- From when on it is of no use.
    ends_at INTEGER NOT NULL,
    -- When the right code was given; NULL until then.
    used_at INTEGER
) WITHOUT ROWID;

-- Finds the codes that are old enough to go.
CREATE INDEX one_time_code_ends ON one_time_code (ends_at, challenge_id);

-- How often a phone was sent a code lately, so that nobody is flooded.
CREATE TABLE code_sent (
    -- Keyed hash of the number.
    phone_index BLOB NOT NULL,
    -- When.
    sent_at INTEGER NOT NULL,
    -- Which code.
    challenge_id BLOB NOT NULL,
    PRIMARY KEY (phone_index, sent_at, challenge_id)
) WITHOUT ROWID;

-- Finds those that are old enough to go.
CREATE INDEX code_sent_old ON code_sent (sent_at);

-- What was done to an account, for its holder to read.
CREATE TABLE account_event (
    -- Whose.
    account_id BLOB NOT NULL,
    -- When.
    happened_at INTEGER NOT NULL,
    -- A random identifier.
    event_id BLOB NOT NULL,
    -- What, as a word.
    kind TEXT NOT NULL,
    -- The authority that did it; NULL for the holder.
    authority_id BLOB,
    PRIMARY KEY (account_id, happened_at, event_id)
) WITHOUT ROWID;

-- When the phone was ended; NULL while it may show codes.
ALTER TABLE device ADD COLUMN ended_at INTEGER;

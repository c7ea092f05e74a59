-- Staff members and feeds: who acts for an authority, each with a credential of their own that ends.

-- Where the authority is. NULL in what version 0.1 wrote, until a server starts and fills it in.
ALTER TABLE authority ADD COLUMN region TEXT;

-- Whose venue it is. NULL for one of version 0.1, which no staff member may change.
ALTER TABLE venue ADD COLUMN authority_id BYTEA;

-- The staff member who proposed it; another one must approve. NULL in what version 0.1 wrote: nobody
-- may approve that any more.
ALTER TABLE proposal ADD COLUMN proposed_staff BYTEA;

-- The staff member who approved or rejected it; NULL while it waits.
ALTER TABLE proposal ADD COLUMN settled_staff BYTEA;

-- Human beings who act for an authority.
CREATE TABLE staff_member (
    -- A random identifier; the record names it for ever.
    staff_id BYTEA NOT NULL PRIMARY KEY,
    -- For which authority.
    authority_id BYTEA NOT NULL,
    -- The name that colleagues read. In no log.
    name TEXT NOT NULL,
    -- What they are there to do, as words with spaces between them.
    roles TEXT NOT NULL,
    -- Where, as codes with spaces between them.
    regions TEXT NOT NULL,
    -- Who proposed them; NULL for the first one.
    invited_by BYTEA,
    -- Who approved them; NULL for the first one.
    approved_by BYTEA,
    -- When they took up the invitation.
    created_at BIGINT NOT NULL,
    -- When their account was ended; NULL while it lasts.
    ended_at BIGINT
);

-- Passkeys: the public halves of keys that lie in people's devices.
CREATE TABLE staff_passkey (
    -- Whose.
    staff_id BYTEA NOT NULL,
    -- The identifier that the device gave it.
    credential_id BYTEA NOT NULL,
    -- Public key and counter, as JSON.
    passkey TEXT NOT NULL,
    -- When it was registered.
    created_at BIGINT NOT NULL,
    PRIMARY KEY (staff_id, credential_id)
);

-- Signed-in browsers and programs of staff members. Each ends after hours at most.
CREATE TABLE staff_session (
    -- Keyed hash of what the browser holds; that is not in the database.
    session_hash BYTEA NOT NULL PRIMARY KEY,
    -- Whose.
    staff_id BYTEA NOT NULL,
    -- When they signed in.
    created_at BIGINT NOT NULL,
    -- When they last asked for anything, to the minute.
    seen_at BIGINT NOT NULL,
    -- When they last showed their passkey.
    stepped_up_at BIGINT NOT NULL,
    -- When it ends whatever happens.
    ends_at BIGINT NOT NULL,
    -- When they signed out, or were; NULL before.
    ended_at BIGINT
);

-- Ends every session of a member.
CREATE INDEX staff_session_of ON staff_session (staff_id);

-- Invitations to become a staff member. Each works once.
CREATE TABLE staff_invitation (
    -- Keyed hash of what the link holds; that is not in the database.
    invitation_hash BYTEA NOT NULL PRIMARY KEY,
    -- The staff member that there will be.
    staff_id BYTEA NOT NULL,
    -- For which authority.
    authority_id BYTEA NOT NULL,
    -- The name that colleagues will read.
    name TEXT NOT NULL,
    -- The roles that it grants.
    roles TEXT NOT NULL,
    -- The regions that it grants.
    regions TEXT NOT NULL,
    -- Who proposed it; NULL for the first one.
    invited_by BYTEA,
    -- Who approved it; NULL for the first one.
    approved_by BYTEA,
    -- When it stops working.
    ends_at BIGINT NOT NULL,
    -- When it was taken up; NULL before.
    used_at BIGINT
);

-- Questions to passkeys that were asked and not answered yet.
CREATE TABLE staff_challenge (
    -- Keyed hash of what the browser sends with the answer.
    challenge_hash BYTEA NOT NULL PRIMARY KEY,
    -- What is expected, as JSON.
    state TEXT NOT NULL,
    -- When it is too late.
    ends_at BIGINT NOT NULL
);

-- Machines of authorities, which can submit and nothing else.
CREATE TABLE feed (
    -- A random identifier.
    feed_id BYTEA NOT NULL PRIMARY KEY,
    -- For which authority.
    authority_id BYTEA NOT NULL,
    -- Its name among the authority's feeds.
    name TEXT NOT NULL,
    -- The kinds of evidence it may submit, as words with spaces between them.
    kinds TEXT NOT NULL,
    -- Where, as codes with spaces between them.
    regions TEXT NOT NULL,
    -- Requests that it may send in a minute.
    rate_per_minute BIGINT NOT NULL,
    -- When it was made.
    created_at BIGINT NOT NULL,
    -- When it ends whatever happens, within 366 days.
    ends_at BIGINT NOT NULL,
    -- When it was ended before that; NULL otherwise.
    ended_at BIGINT
);

-- What feeds present. A look-up table. Two work side by side while one replaces the other.
CREATE TABLE feed_credential (
    -- Keyed hash of the token; that is not in the database.
    credential_hash BYTEA NOT NULL PRIMARY KEY,
    -- Which feed.
    feed_id BYTEA NOT NULL,
    -- When it was made.
    created_at BIGINT NOT NULL,
    -- When it stops working.
    ends_at BIGINT NOT NULL
);

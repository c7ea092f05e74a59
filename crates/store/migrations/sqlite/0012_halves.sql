-- Invitations in two halves, accounts of identity providers, and feeds that sign their requests.

-- The proposal that it belongs to; NULL for the first administrator's, which is one piece.
ALTER TABLE staff_invitation ADD COLUMN proposal_id BLOB;

-- Keyed hash of the half that whoever approved was given; NULL before, and for the first one. What
-- `invitation_hash` stands for is then the half of whoever proposed.
ALTER TABLE staff_invitation ADD COLUMN approver_half BLOB;

-- Finds the invitation that an approval completes.
CREATE INDEX staff_invitation_of ON staff_invitation (proposal_id);

-- Which staff member an account of an identity provider opens. A look-up table.
CREATE TABLE staff_identity (
    -- Keyed hash of the provider's address and its name for the account; neither is in the database.
    identity_hash BLOB NOT NULL PRIMARY KEY,
    -- Whose staff account it opens.
    staff_id BLOB NOT NULL,
    -- The provider, as the configuration calls it; so that the member sees where.
    provider TEXT NOT NULL,
    -- When it was bound.
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Finds those of a member whose account ends.
CREATE INDEX staff_identity_of ON staff_identity (staff_id);

-- The Ed25519 public key with which the feed signs each request; NULL if it signs none.
ALTER TABLE feed ADD COLUMN public_key BLOB;

-- Signed requests of the last minutes, so that none counts twice.
CREATE TABLE feed_signature (
    -- Whose.
    feed_id BLOB NOT NULL,
    -- SHA-256 of what was signed.
    signed_hash BLOB NOT NULL,
    -- When the signature is too old to count anyway.
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (feed_id, signed_hash)
) WITHOUT ROWID;

-- Accounts at identity providers with which staff members sign in.

-- Which staff member an account of a provider opens. A look-up table.
CREATE TABLE staff_identity (
    -- Keyed hash of the provider's address and its name for the account; neither is in the database.
    identity_hash BLOB NOT NULL PRIMARY KEY,
    -- Whose staff account it opens.
    staff_id BLOB NOT NULL,
    -- When it was bound.
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

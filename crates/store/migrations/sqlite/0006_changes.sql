-- Receipts that open nothing, and changes in an order of the database's own. Verdicts and revoked
-- indexes of version 0.1 are numbered afterwards, some thousand people at a time, and
-- 0006_changes_end.sql comes last.

-- Requests that were carried out in the last 24 hours, so that a repeated one counts once. The table
-- before it keeps what clients had sent, which anybody could send again; it goes at the end.
CREATE TABLE receipt (
    -- Keyed hash of what the client sent; the key is not in the database.
    request_hash BLOB NOT NULL PRIMARY KEY,
    -- SHA-256 of what was asked for; another request under the same key is refused.
    content_hash BLOB NOT NULL,
    -- What was answered, as JSON; answered again when the request is repeated.
    outcome TEXT NOT NULL,
    -- When it was carried out.
    recorded_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Finds the receipts that are old enough to go.
CREATE INDEX receipt_recorded ON receipt (recorded_at);

-- Grows with every transaction that changes verdicts; what follows verdicts follows it, and needs no
-- clock. A verdict of version 0.1 gets the second of its decision.
ALTER TABLE verdict ADD COLUMN change_number INTEGER NOT NULL DEFAULT 0;

-- The change that revoked the index; 0 while it is not revoked.
ALTER TABLE slot ADD COLUMN change_number INTEGER NOT NULL DEFAULT 0;

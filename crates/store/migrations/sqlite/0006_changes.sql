-- Receipts that open nothing, and changes in an order of the database's own.

-- Requests that were carried out in the last 24 hours, so that a repeated one counts once. The table
-- before it kept what clients had sent, which anybody could have sent again; its rows are gone.
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

DROP TABLE request;

-- Grows with every transaction that changes verdicts; what follows verdicts follows it, and needs no
-- clock. A verdict of version 0.1 has the second of its decision.
ALTER TABLE verdict ADD COLUMN change_number INTEGER NOT NULL DEFAULT 0;

UPDATE verdict SET change_number = decided_at;

DROP INDEX verdict_decided;

-- Lets another node follow what was decided since it last looked.
CREATE INDEX verdict_changed ON verdict (change_number, person_id);

-- The change that revoked the index; 0 while it is not revoked.
ALTER TABLE slot ADD COLUMN change_number INTEGER NOT NULL DEFAULT 0;

UPDATE slot SET change_number = revoked_at WHERE revoked_at IS NOT NULL;

DROP INDEX slot_revoked_lately;

-- Finds the indexes that were revoked lately.
CREATE INDEX slot_revoked_lately ON slot (change_number, list, slot_index)
    WHERE revoked_at IS NOT NULL;

-- Visits are no longer kept in memory, so nobody claims to write all of them.
DELETE FROM counter WHERE name = 'visit_writer';

-- The mirror: copies of all evidence as Parquet files for reading over everybody, and whose evidence
-- the newest of them may lack.

-- Which mirror belongs to this database.
CREATE TABLE mirror (
    -- 'mirror': there is one.
    name TEXT NOT NULL PRIMARY KEY,
    -- A random identifier, drawn when the first generation was begun. The folder carries it too, so
    -- that nobody takes the mirror of another database for this one's.
    mirror_id BYTEA NOT NULL
);

-- Copies that are complete.
CREATE TABLE mirror_generation (
    -- Counts up; the newest is the one that is read.
    number BIGINT NOT NULL PRIMARY KEY,
    -- The folder or bucket it was written into.
    place TEXT NOT NULL,
    -- SHA-256 of the list of its files with their lengths and hashes.
    digest BYTEA NOT NULL,
    -- How many people it knows.
    people BIGINT NOT NULL,
    -- How many pieces of evidence it holds.
    facts BIGINT NOT NULL,
    -- How many bytes its files have.
    bytes BIGINT NOT NULL,
    -- When it was begun; whatever was committed before is in it.
    begun_at BIGINT NOT NULL,
    -- When it was complete.
    written_at BIGINT NOT NULL
);

-- People about whom the newest generation may lack evidence. A person is noted in the transaction
-- that writes the evidence, and forgotten once a generation holds it.
CREATE TABLE unmirrored (
    -- About whom.
    person_id BYTEA NOT NULL PRIMARY KEY,
    -- The person's revision as of the last evidence.
    revision BIGINT NOT NULL
);

-- What the lists of the desk need.

-- The columns of a list, as an office chose once which field each goes to. No name of a column and nothing
-- of a row is kept: a list without headings would have somebody in its first one.
CREATE TABLE import_mapping (
    -- Whose.
    authority_id BYTEA NOT NULL,
    -- The kind of evidence that the list holds, for example 'test'.
    kind TEXT NOT NULL,
    -- The keyed hash of the headings.
    header_hash BYTEA NOT NULL,
    -- What the office calls it.
    name TEXT NOT NULL,
    -- The field of each column in their order, separated by commas; nothing for a column that is not used.
    fields TEXT NOT NULL,
    -- Who chose it last.
    staff_id BYTEA NOT NULL,
    -- When.
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (authority_id, kind, header_hash)
);

-- Who lives with whom, and who rode together. Read by tracing alone; no interface lists a group.

-- Memberships, kept by person. The record of each is here; membership_by_group repeats it. Written in
-- the same transaction, never joined.
CREATE TABLE membership_by_person (
    -- Who.
    person_id BLOB NOT NULL,
    -- Which group: a keyed hash of the authority, of what is shared, and of the authority's own name
    -- for it. That name is not kept.
    group_id BLOB NOT NULL,
    -- From when.
    from_at INTEGER NOT NULL,
    -- What is shared: 'household', 'building' or 'vehicle'.
    kind TEXT NOT NULL,
    -- The first moment after; NULL while it lasts. One that ends as it begins was a mistake.
    until_at INTEGER,
    -- Who submitted it.
    authority_id BLOB NOT NULL,
    -- When the system took it in.
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, group_id, from_at)
) WITHOUT ROWID;

-- The same memberships, kept by group.
CREATE TABLE membership_by_group (
    -- Which group.
    group_id BLOB NOT NULL,
    -- Who.
    person_id BLOB NOT NULL,
    -- From when.
    from_at INTEGER NOT NULL,
    -- What is shared.
    kind TEXT NOT NULL,
    -- The first moment after; NULL while it lasts.
    until_at INTEGER,
    PRIMARY KEY (group_id, person_id, from_at)
) WITHOUT ROWID;

-- Which groups a trace looked at, and when in them. Written before their members are read, so that a
-- membership that comes in later finds the traces that must be run again.
CREATE TABLE trace_group (
    -- Which group.
    group_id BLOB NOT NULL,
    -- The case.
    case_id BLOB NOT NULL,
    -- The diagnosis that opened the job.
    diagnosis_id BLOB NOT NULL,
    -- From when.
    from_at INTEGER NOT NULL,
    -- Until when.
    until_at INTEGER NOT NULL,
    PRIMARY KEY (group_id, case_id, diagnosis_id, from_at)
) WITHOUT ROWID;

-- Memberships that became known or changed, until the traces that they touch are open again.
CREATE TABLE late_membership (
    -- Who.
    person_id BLOB NOT NULL,
    -- Which group.
    group_id BLOB NOT NULL,
    -- From when.
    from_at INTEGER NOT NULL,
    -- The end that is stored now, the end of time while it lasts. It tells one change from the next.
    until_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, group_id, from_at)
) WITHOUT ROWID;

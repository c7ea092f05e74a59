-- Groups that are listed after a case was confirmed wait for a tracer, as its visits do.

-- A trace that was opened before this does not read it: whoever listed it knew of the case by then.
-- 0 once a tracer has taken it in, and for what was listed before there was this column; the greatest
-- number once a tracer has refused it.
ALTER TABLE membership_by_person ADD COLUMN counts_from BIGINT NOT NULL DEFAULT 0;

-- The same, by group.
ALTER TABLE membership_by_group ADD COLUMN counts_from BIGINT NOT NULL DEFAULT 0;

-- Who submitted it. NULL for what was listed before there was this column.
ALTER TABLE membership_by_group ADD COLUMN authority_id BYTEA;

-- Which staff member confirmed the case: another one must approve if its trace restricts too many.
-- NULL if a machine did.
ALTER TABLE trace_job ADD COLUMN staff_id BYTEA;

-- Memberships that a trace met and did not read, because they became known after the case.
CREATE TABLE held_membership (
    -- The case.
    person_id BYTEA NOT NULL,
    -- Which group.
    group_id BYTEA NOT NULL,
    -- Who is in it, by the list that came late.
    member_id BYTEA NOT NULL,
    -- From when.
    from_at BIGINT NOT NULL,
    -- What is shared: 'household', 'building' or 'vehicle'.
    kind TEXT NOT NULL,
    -- Who submitted it.
    authority_id BYTEA,
    -- When the trace met it.
    held_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, group_id, member_id, from_at)
);

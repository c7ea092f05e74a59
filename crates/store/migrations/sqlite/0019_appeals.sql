-- Appeals, and which staff member submitted what.

-- A person's objection to restrictions of their own, and its answer.
CREATE TABLE appeal (
    -- Who appeals.
    person_id BLOB NOT NULL,
    -- Which appeal.
    appeal_id BLOB NOT NULL,
    -- When it was filed.
    filed_at INTEGER NOT NULL,
    -- By when the policy promised an answer.
    answer_by INTEGER NOT NULL,
    -- The number of the vault's key that sealed what the person said.
    seal INTEGER NOT NULL,
    -- The month of the other key that it needs, in months since January 1970; 0 if it needs none.
    month INTEGER NOT NULL,
    -- Why, sealed for the person.
    said BLOB NOT NULL,
    -- The form of the file that came with it, as a word; NULL if none did.
    file_form TEXT,
    -- When officers were reminded of it before that time; NULL if they were not.
    reminded_at INTEGER,
    -- When it was found late; NULL if it was not.
    escalated_at INTEGER,
    -- When it was answered; NULL while it is open.
    answered_at INTEGER,
    -- What the answer was, as a word.
    outcome TEXT,
    -- Who answered.
    answered_by BLOB,
    -- For which authority.
    authority_id BLOB,
    -- The reasons, sealed for the person.
    reasons BLOB,
    PRIMARY KEY (person_id, appeal_id)
);

-- The queue of officers, and what is late.
CREATE INDEX appeal_waiting ON appeal (answer_by, person_id, appeal_id) WHERE answered_at IS NULL;

-- A file that came with an appeal. Apart, so that reading the queue reads no file.
CREATE TABLE appeal_file (
    -- Whose.
    person_id BLOB NOT NULL,
    -- Which appeal.
    appeal_id BLOB NOT NULL,
    -- The file, sealed for the person.
    sealed BLOB NOT NULL,
    PRIMARY KEY (person_id, appeal_id)
);

-- The restrictions that an appeal names, each the rule and the evidence behind it.
CREATE TABLE appeal_rule (
    -- Whose.
    person_id BLOB NOT NULL,
    -- Which appeal.
    appeal_id BLOB NOT NULL,
    -- The policy under which the rule restricted.
    policy_id TEXT NOT NULL,
    -- Its version.
    policy_version INTEGER NOT NULL,
    -- The rule.
    rule TEXT NOT NULL,
    -- The identifiers of the evidence, 16 bytes each.
    evidence BLOB NOT NULL,
    -- As of the appeal, so that rules are counted from here alone.
    filed_at INTEGER NOT NULL,
    -- When it was answered; NULL while it is open.
    answered_at INTEGER,
    -- 1 if the answer changed evidence behind this restriction, 0 if not; NULL while there is none.
    was_right INTEGER,
    PRIMARY KEY (person_id, appeal_id, rule)
);

-- The evidence that was appealed against: each piece once.
CREATE TABLE appealed_evidence (
    -- Whose.
    person_id BLOB NOT NULL,
    -- Which piece.
    evidence_id BLOB NOT NULL,
    -- Which appeal.
    appeal_id BLOB NOT NULL,
    -- When.
    filed_at INTEGER NOT NULL,
    -- NULL while the appeal is open.
    answered_at INTEGER,
    PRIMARY KEY (person_id, evidence_id)
);

-- Which staff members submitted a piece of evidence or approved it: none of them decides an appeal against
-- it. What machines and people themselves submitted has none.
CREATE TABLE evidence_staff (
    -- Whose.
    person_id BLOB NOT NULL,
    -- Which piece.
    evidence_id BLOB NOT NULL,
    -- Who.
    staff_id BLOB NOT NULL,
    PRIMARY KEY (person_id, evidence_id, staff_id)
);

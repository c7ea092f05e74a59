-- The first schema. Times are Unix seconds, identifiers the 16 bytes of 128 random bits, most
-- significant first. The column that a large installation distributes by comes first in every
-- primary key, so the same layout works on one machine and on many.

-- Everybody about whom something is known. Says nothing about who it is.
CREATE TABLE person (
    -- A random identifier.
    person_id BYTEA NOT NULL PRIMARY KEY,
    -- Grows with every write about the person. Writing it first makes two writers of the same
    -- person wait for each other, so that each decides with the other's evidence in sight.
    revision BIGINT NOT NULL
);

-- Which person a phone's token belongs to. A look-up table: the token is not known to be
-- anybody's until it is found here.
CREATE TABLE person_token (
    -- SHA-256 of the token; the token itself is never stored.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    -- Whose token.
    person_id BYTEA NOT NULL
);

-- Requests that were carried out, so that a repeated one counts once. A request claims its key
-- by inserting it before it does anything else.
CREATE TABLE request (
    -- What the client sent.
    request_key BYTEA NOT NULL PRIMARY KEY,
    -- SHA-256 of what was asked for; another request under the same key is refused.
    content_hash BYTEA NOT NULL,
    -- What was answered, as JSON; answered again when the request is repeated.
    outcome TEXT NOT NULL,
    -- When it was carried out.
    recorded_at BIGINT NOT NULL
);

-- Facts about people, visits excepted. Rows are only ever added.
CREATE TABLE evidence (
    -- About whom.
    person_id BYTEA NOT NULL REFERENCES person (person_id),
    -- A random identifier; a restriction names it.
    evidence_id BYTEA NOT NULL,
    -- Who submitted it.
    authority_id BYTEA NOT NULL,
    -- The kind of fact, for example 'declaration'.
    kind TEXT NOT NULL,
    -- When the fact began.
    begins_at BIGINT NOT NULL,
    -- When it ended, for orders and foreign verdicts when they run out; NULL while it lasts.
    ends_at BIGINT,
    -- When the system took it in.
    recorded_at BIGINT NOT NULL,
    -- The fact itself, as JSON with times in Unix seconds.
    fact TEXT NOT NULL,
    PRIMARY KEY (person_id, evidence_id)
);

-- The verdict on each person, as last decided.
CREATE TABLE verdict (
    -- On whom.
    person_id BYTEA NOT NULL PRIMARY KEY REFERENCES person (person_id),
    -- Name of the policy that decided.
    policy_id TEXT NOT NULL,
    -- Its version.
    policy_version BIGINT NOT NULL,
    -- 'undeclared', 'green', 'yellow' or 'red'.
    status TEXT NOT NULL,
    -- Since when the status holds.
    since_at BIGINT,
    -- When the status ends by itself.
    until_at BIGINT,
    -- When the verdict must be decided again; NULL if never.
    next_change_at BIGINT,
    -- When it was decided.
    decided_at BIGINT NOT NULL,
    -- Restrictions and advice in force, as JSON.
    findings TEXT NOT NULL
);

-- Finds the verdicts that are due; those that never change need no entry.
CREATE INDEX verdict_due ON verdict (next_change_at, person_id) WHERE next_change_at IS NOT NULL;

-- Lets another node follow what was decided since it last looked.
CREATE INDEX verdict_decided ON verdict (decided_at, person_id);

-- Changes of status that the person has to be told.
CREATE TABLE outbox (
    -- Whose status.
    person_id BYTEA NOT NULL REFERENCES person (person_id),
    -- Identifies the message.
    change_id BYTEA NOT NULL,
    -- The status before; NULL if there was no verdict.
    before_status TEXT,
    -- The status after.
    after_status TEXT NOT NULL,
    -- When it changed.
    changed_at BIGINT NOT NULL,
    -- When the person was told; NULL until then.
    delivered_at BIGINT,
    PRIMARY KEY (person_id, change_id)
);

-- Finds what is still to be delivered, however much was delivered before.
CREATE INDEX outbox_waiting ON outbox (changed_at, person_id, change_id)
    WHERE delivered_at IS NULL;

-- Numbers that only grow. The row is locked by the transaction that draws a number, so numbers
-- follow the order in which transactions commit.
CREATE TABLE counter (
    -- What is counted.
    name TEXT NOT NULL PRIMARY KEY,
    -- The last number drawn.
    value BIGINT NOT NULL
);

-- Risk levels of regions, as published. Rows are only ever added.
CREATE TABLE region_level (
    -- Place in the order of publication; of two entries that start together the later wins.
    number BIGINT NOT NULL PRIMARY KEY,
    -- A GB/T 2260 code or an ISO 3166 country.
    region TEXT NOT NULL,
    -- 'low', 'medium' or 'high'.
    level TEXT NOT NULL,
    -- The first moment.
    from_at BIGINT NOT NULL,
    -- The first moment after; NULL until further notice.
    until_at BIGINT,
    -- Who published it.
    published_by TEXT NOT NULL,
    -- When it was published.
    published_at BIGINT NOT NULL
);

-- Policies, as published. Rows are only ever added.
CREATE TABLE policy (
    -- The policy's name.
    policy_id TEXT NOT NULL,
    -- Its version.
    version BIGINT NOT NULL,
    -- Place in the order of publication.
    number BIGINT NOT NULL,
    -- The document, byte for byte.
    toml TEXT NOT NULL,
    -- From when it is in force.
    effective_at BIGINT NOT NULL,
    -- Who published it.
    published_by TEXT NOT NULL,
    -- When it was published.
    published_at BIGINT NOT NULL,
    PRIMARY KEY (policy_id, version)
);

-- Places where visits are recorded.
CREATE TABLE venue (
    -- A random identifier; the sign at the door carries it.
    venue_id BYTEA NOT NULL PRIMARY KEY,
    -- The name on the sign.
    name TEXT NOT NULL,
    -- What sort of place, if a policy asks for it.
    category TEXT,
    -- Where it is, if known.
    region TEXT
);

-- Visits, kept by person. The record of each visit is here; visit_by_venue repeats it. There is
-- no reference to person: visits come by the ten thousand a second.
CREATE TABLE visit_by_person (
    -- Who.
    person_id BYTEA NOT NULL,
    -- A random identifier, the same in the person's evidence.
    visit_id BYTEA NOT NULL,
    -- Who submitted it.
    authority_id BYTEA NOT NULL,
    -- Where.
    venue_id BYTEA NOT NULL,
    -- What sort of place, copied from the venue.
    category TEXT,
    -- From when.
    entered_at BIGINT NOT NULL,
    -- Until when; NULL until checked out.
    left_at BIGINT,
    -- When the system took it in.
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, visit_id)
);

-- The same visits, kept by venue and time for tracing: one stretch of the primary key holds
-- everybody who came in during a time. Written in the same transaction, never joined.
CREATE TABLE visit_by_venue (
    -- Where.
    venue_id BYTEA NOT NULL,
    -- From when.
    entered_at BIGINT NOT NULL,
    -- The visit.
    visit_id BYTEA NOT NULL,
    -- Who.
    person_id BYTEA NOT NULL,
    -- What sort of place.
    category TEXT,
    -- Until when; NULL until checked out.
    left_at BIGINT,
    PRIMARY KEY (venue_id, entered_at, visit_id)
);

-- The few visits of more than 12 hours (43200 seconds). A search by time looks back 12 hours in
-- the primary key and finds the longer ones here.
CREATE INDEX visit_by_venue_long ON visit_by_venue (venue_id, left_at)
    WHERE left_at > entered_at + 43200;

-- Cases whose contacts are to be found.
CREATE TABLE trace_job (
    -- The case.
    person_id BYTEA NOT NULL REFERENCES person (person_id),
    -- The diagnosis that opened the job.
    diagnosis_id BYTEA NOT NULL,
    -- Start of the infectious window.
    from_at BIGINT NOT NULL,
    -- End of the infectious window.
    until_at BIGINT NOT NULL,
    -- When it was opened.
    opened_at BIGINT NOT NULL,
    -- When it was finished; NULL while it is to be done.
    finished_at BIGINT,
    -- How many contacts were found; NULL while it is to be done.
    contacts BIGINT,
    -- How often a visit that came in late opened it again.
    reopened BIGINT NOT NULL,
    PRIMARY KEY (person_id, diagnosis_id)
);

-- Finds the jobs to be done, however many were done before.
CREATE INDEX trace_job_open ON trace_job (opened_at, person_id, diagnosis_id)
    WHERE finished_at IS NULL;

-- Whose visits a trace followed: the case, and whoever met them. Written before the visits are
-- read, so that a visit of theirs that comes in later finds the traces that must be run again.
CREATE TABLE trace_carrier (
    -- Whose visits.
    person_id BYTEA NOT NULL,
    -- The case.
    case_id BYTEA NOT NULL,
    -- The diagnosis that opened the job.
    diagnosis_id BYTEA NOT NULL,
    -- From when on they were followed.
    from_at BIGINT NOT NULL,
    -- Until when.
    until_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, case_id, diagnosis_id)
);

-- Where and when a trace looked for people. Written before their visits are read, so that a visit
-- that comes in later finds the traces that must be run again.
CREATE TABLE trace_venue (
    -- Where.
    venue_id BYTEA NOT NULL,
    -- The case.
    case_id BYTEA NOT NULL,
    -- The diagnosis that opened the job.
    diagnosis_id BYTEA NOT NULL,
    -- From when.
    from_at BIGINT NOT NULL,
    -- Until when.
    until_at BIGINT NOT NULL,
    PRIMARY KEY (venue_id, case_id, diagnosis_id, from_at)
);

-- What a trace found, noted before the evidence is written, so that all of it can be taken back.
CREATE TABLE trace_contact (
    -- The case.
    person_id BYTEA NOT NULL,
    -- The diagnosis that opened the job.
    diagnosis_id BYTEA NOT NULL,
    -- The contact, as evidence.
    evidence_id BYTEA NOT NULL,
    -- Whom that evidence is about.
    contact_id BYTEA NOT NULL,
    PRIMARY KEY (person_id, diagnosis_id, evidence_id)
);

-- Visits that became known after they took place, until the traces that they touch are open again.
CREATE TABLE late_visit (
    -- Who.
    person_id BYTEA NOT NULL,
    -- The visit.
    visit_id BYTEA NOT NULL,
    -- Where.
    venue_id BYTEA NOT NULL,
    -- From when.
    entered_at BIGINT NOT NULL,
    -- The latest moment at which anybody could have thought the person there.
    until_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, visit_id)
);

-- Phones whose key is enrolled.
CREATE TABLE device (
    -- Whose.
    person_id BYTEA NOT NULL REFERENCES person (person_id),
    -- A random identifier.
    device_id BYTEA NOT NULL,
    -- P-256 public key, SEC1 compressed, 33 bytes.
    public_key BYTEA NOT NULL,
    -- When it was enrolled.
    enrolled_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, device_id)
);

-- Which person holds a place in a status list. A look-up table: a place is claimed by inserting
-- it here first.
CREATE TABLE slot_claim (
    -- Which list.
    list BIGINT NOT NULL,
    -- Which bit of it.
    slot_index BIGINT NOT NULL,
    -- Who holds it.
    person_id BYTEA NOT NULL,
    PRIMARY KEY (list, slot_index)
);

-- The places of one person's assertions in the status lists.
CREATE TABLE slot (
    -- Whose.
    person_id BYTEA NOT NULL REFERENCES person (person_id),
    -- Which list.
    list BIGINT NOT NULL,
    -- Which bit of it.
    slot_index BIGINT NOT NULL,
    -- For which phone; NULL for plain codes and cards.
    device_id BYTEA,
    -- When it was claimed.
    claimed_at BIGINT NOT NULL,
    -- The latest expiry of an assertion that names it.
    expires_at BIGINT NOT NULL,
    -- Since when its assertions no longer hold; NULL while they do.
    revoked_at BIGINT,
    PRIMARY KEY (person_id, list, slot_index)
);

-- Finds the places that a published status list must mark.
CREATE INDEX slot_revoked ON slot (expires_at, list, slot_index, revoked_at)
    WHERE revoked_at IS NOT NULL;

-- Finds the places that were revoked lately.
CREATE INDEX slot_revoked_lately ON slot (revoked_at, list, slot_index, expires_at)
    WHERE revoked_at IS NOT NULL;

-- Bodies that may submit evidence.
CREATE TABLE authority (
    -- A random identifier; evidence carries it for ever.
    authority_id BYTEA NOT NULL PRIMARY KEY,
    -- What kind of body, for example 'laboratory'.
    kind TEXT NOT NULL,
    -- Its name as a person reads it.
    name TEXT NOT NULL
);

-- Which authority a bearer token belongs to. A look-up table.
CREATE TABLE authority_token (
    -- SHA-256 of the token; the token itself is never stored.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    -- Whose token.
    authority_id BYTEA NOT NULL
);

-- The vault: who people are, sealed. Only the vault's key opens a row.
CREATE TABLE identity (
    -- Whose.
    person_id BYTEA NOT NULL PRIMARY KEY REFERENCES person (person_id),
    -- Name, document and phones, sealed with AES-256-GCM-SIV.
    sealed BYTEA NOT NULL
);

-- Finds the person with a document. A look-up table: a document is claimed by inserting its
-- keyed hash here first.
CREATE TABLE identity_document (
    -- Keyed hash of kind and number.
    document_index BYTEA NOT NULL PRIMARY KEY,
    -- Whose document.
    person_id BYTEA NOT NULL
);

-- Finds the people with a phone. A look-up table; a family may share a phone.
CREATE TABLE identity_phone (
    -- Keyed hash of the number.
    phone_index BYTEA NOT NULL,
    -- Whose phone.
    person_id BYTEA NOT NULL,
    PRIMARY KEY (phone_index, person_id)
);

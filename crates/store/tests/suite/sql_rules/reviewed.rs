//! The lists behind the rules: each exception with its reason.

/// The columns that a large installation distributes by.
pub const DISTRIBUTION_KEYS: [&str; 4] = ["person_id", "venue_id", "group_id", "account_id"];

/// Tables whose first key is another one, and why that is right.
pub const OTHER_KEYS: [(&str, &str, &str); 41] = [
    (
        "scanner",
        "scanner_id",
        "control: some thousand rows, the same everywhere",
    ),
    (
        "glitch",
        "glitch_id",
        "look-up: whoever reported it is not known; some thousand rows",
    ),
    (
        "import_mapping",
        "authority_id",
        "control: a few rows for each office",
    ),
    (
        "alarm",
        "alarm_id",
        "control: a few rows a day, the same everywhere",
    ),
    (
        "disclosure",
        "disclosure_id",
        "a control table: hand-overs are few",
    ),
    ("sunset", "name", "a control table: one row"),
    (
        "person_token",
        "token_hash",
        "look-up: who presents the token is not known before",
    ),
    (
        "receipt",
        "request_hash",
        "look-up: claimed before anything else is known to be new",
    ),
    (
        "identity_document",
        "document_index",
        "look-up: who registered with a document before there were accounts",
    ),
    (
        "document_person",
        "document_index",
        "look-up: claims a document for the person to whom what is said of it goes",
    ),
    (
        "account_claim",
        "document_index",
        "look-up: finds the accounts that claim a document",
    ),
    (
        "session_token",
        "session_hash",
        "look-up: who presents a token is not known before",
    ),
    (
        "one_time_code",
        "challenge_id",
        "look-up: whose code it is, is not known before it is given",
    ),
    (
        "code_sent",
        "phone_index",
        "look-up: counts the codes of a phone, whoever holds it",
    ),
    (
        "identity_phone",
        "phone_index",
        "look-up: finds the people of a phone",
    ),
    (
        "slot_claim",
        "list",
        "look-up: claims a place in a status list for one person",
    ),
    (
        "authority_token",
        "token_hash",
        "look-up of version 0.1; empty once a server has started",
    ),
    (
        "staff_member",
        "staff_id",
        "control: some thousand rows, the same everywhere",
    ),
    (
        "staff_passkey",
        "staff_id",
        "control: a few rows for each staff member",
    ),
    (
        "staff_session",
        "session_hash",
        "look-up: who presents the session is not known before",
    ),
    (
        "staff_invitation",
        "invitation_hash",
        "look-up: who presents the invitation is not known before",
    ),
    (
        "staff_challenge",
        "challenge_hash",
        "look-up: who answers is not known before",
    ),
    (
        "staff_identity",
        "identity_hash",
        "look-up: who signs in at a provider is not known before",
    ),
    (
        "feed_signature",
        "feed_id",
        "control: the signed requests of some minutes",
    ),
    (
        "feed",
        "feed_id",
        "control: some hundred rows, the same everywhere",
    ),
    (
        "feed_credential",
        "credential_hash",
        "look-up: who presents the token is not known before",
    ),
    (
        "authority",
        "authority_id",
        "control: a few hundred rows, the same everywhere",
    ),
    (
        "region_level",
        "number",
        "control: some thousand rows, the same everywhere",
    ),
    (
        "policy",
        "policy_id",
        "control: a few rows, the same everywhere",
    ),
    (
        "proposal",
        "proposal_id",
        "control: a few rows, the same everywhere",
    ),
    ("walk", "name", "control: a few rows"),
    ("mirror", "name", "control: one row"),
    ("mirror_generation", "number", "control: two rows"),
    ("tally", "name", "control: one row"),
    (
        "daily_count",
        "day",
        "control: some thousand rows a day, written by one worker at a time",
    ),
    (
        "counter",
        "name",
        "control: five rows, and one for each authority, cap and day",
    ),
    (
        "audit_entry",
        "commitment",
        "look-up: found by its commitment, and in the order of the log",
    ),
    (
        "audit_tile",
        "tile_level",
        "control: one row for 256 entries, written by one worker at a time",
    ),
    ("audit_head", "name", "control: one row"),
    (
        "look_count",
        "authority_id",
        "control: a row for each staff member who looked and day of four weeks",
    ),
    ("audit_witness", "witness", "control: a few rows"),
];

/// Statements about the database, not about its rows.
pub const ABOUT_THE_DATABASE: [&str; 16] = [
    "sqlite/triggers.sql",
    "postgres/triggers.sql",
    "schema_create.sql",
    "schema_advance.sql",
    "sqlite/schema_exists.sql",
    "postgres/schema_exists.sql",
    "sqlite/health.sql",
    "postgres/health.sql",
    "sqlite/now.sql",
    "postgres/now.sql",
    "sqlite/quick_check.sql",
    "postgres/change_number_draw.sql",
    "postgres/change_number_last.sql",
    "sqlite/one_writer.sql",
    "postgres/publications_hold.sql",
    "postgres/publications_claim.sql",
];

/// Words that no file may hold.
pub const FORBIDDEN: [&str; 16] = [
    "TRIGGER",
    "PROCEDURE",
    "FUNCTION",
    "LISTEN",
    "NOTIFY",
    "DEFERRABLE",
    "RECURSIVE",
    "MERGE",
    "JOIN",
    "UNIQUE",
    "RANDOM",
    "NOW",
    "CURRENT_TIMESTAMP",
    "CLOCK_TIMESTAMP",
    "UNIXEPOCH",
    "NEXTVAL",
];

/// The files that may hold a forbidden word nevertheless, and why that is right. A form for many
/// rows joins what is asked for with the one table.
pub const ALLOWED: [(&str, &str, &str); 3] = [
    (
        "postgres/now.sql",
        "CLOCK_TIMESTAMP",
        "nodes measure their clocks against the database's",
    ),
    (
        "sqlite/now.sql",
        "UNIXEPOCH",
        "nodes measure their clocks against the database's",
    ),
    (
        "postgres/change_number_draw.sql",
        "NEXTVAL",
        "the order in which nodes follow each other's writes",
    ),
];

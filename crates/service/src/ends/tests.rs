//! Every table of the schema, and how long its rows stay: reviewed, so that the next table is not forgotten.

use std::collections::BTreeSet;

use domain::FactKind;
use store::sunset::{ERASED, KEPT};

use super::Retention;
use Stay::{Ever, Key, Soon, Stays, With};

/// How long the rows of a table stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// As long as `[retention]` says under this name.
    Key(&'static str),
    /// As long as what another table has of the same.
    With(&'static str),
    /// A short time that is the same everywhere, and which.
    Soon(&'static str),
    /// Until the emergency ends, and why that is no harm.
    Stays(&'static str),
    /// Also after the emergency, and why.
    Ever(&'static str),
}

const TABLES: [(&str, Stay); 84] = [
    (
        "account",
        Stays("until its holder deletes it; then nothing in the row says whose it was"),
    ),
    ("account_claim", With("account")),
    ("account_event", Key("accounts")),
    ("account_person", Key("accounts")),
    (
        "alarm",
        Soon("90 days after a staff member saw it; nobody is named"),
    ),
    ("appeal", Key("appeals")),
    ("appeal_file", With("appeal")),
    ("appeal_rule", With("appeal")),
    ("appealed_evidence", With("appeal")),
    ("audit_entry", Key("log")),
    ("audit_head", Ever("what the log signed last")),
    ("audit_person", With("audit_entry")),
    (
        "audit_tile",
        Ever("hashes alone: the proof that the log is whole"),
    ),
    ("audit_witness", Ever("what witnesses signed")),
    ("authority", Ever("the offices that took part, by name")),
    (
        "authority_token",
        Stays("emptied by the program; what version 0.1 wrote"),
    ),
    ("code_sent", Soon("some hours after it was sent")),
    ("contradiction", Key("contradiction")),
    ("counter", Ever("numbers that say nothing of anybody")),
    ("daily_count", Ever("aggregate statistics")),
    ("device", Soon("after the day of the key")),
    (
        "disclosure",
        Ever("that there was one, to whom and by which law; it names nobody"),
    ),
    ("disclosure_person", Key("log")),
    ("document_event", Key("accounts")),
    (
        "document_person",
        Stays(
            "a keyed hash and a random number, so that what is said of a document finds one person",
        ),
    ),
    ("door_visit", With("visit_by_person")),
    ("evidence", Key("each kind has its own")),
    ("evidence_staff", With("evidence")),
    ("feed", Stays("machines of offices")),
    (
        "feed_credential",
        Stays("what machines present, as keyed hashes"),
    ),
    ("feed_signature", Soon("a minute after it counted")),
    ("glitch", Soon("60 days after it was reported")),
    ("held_membership", Key("memberships")),
    ("held_visit", Key("visit")),
    ("identity", With("account")),
    ("identity_document", With("account")),
    ("identity_phone", With("account")),
    (
        "import_mapping",
        Stays("which column is which in an office's lists; nothing of a row or a heading"),
    ),
    (
        "late_membership",
        Soon("when the searches that it touches are open again"),
    ),
    (
        "late_visit",
        Soon("when the searches that it touches are open again"),
    ),
    ("look_count", Soon("some weeks after the day")),
    ("membership_by_group", Key("memberships")),
    ("membership_by_person", Key("memberships")),
    ("mirror", Stays("which folder belongs to the database")),
    ("mirror_generation", Stays("which copies there are")),
    ("office_case", With("evidence")),
    ("office_request", Soon("an hour after it was asked")),
    ("one_time_code", Soon("some hours after it ended")),
    ("outbox", Key("messages")),
    (
        "person",
        Stays("a random number, of which what is said has its own time"),
    ),
    ("person_binding", With("account")),
    ("person_holder", Key("accounts")),
    (
        "person_moved",
        Stays("two random numbers, so that somebody reads who looked at them before"),
    ),
    (
        "person_token",
        Stays("emptied by the program; what version 0.1 wrote"),
    ),
    ("policy", Ever("what was in force")),
    ("proposal", Key("proposals")),
    ("receipt", Soon("a day after the request")),
    ("region_level", Ever("what was in force")),
    ("resident_session", Key("accounts")),
    (
        "scanner",
        Stays("devices of offices, so that it is known which one recorded a visit"),
    ),
    ("schema_version", Ever("the version of the schema")),
    ("session_token", Key("accounts")),
    ("slot", Soon("when the last code that names it has run out")),
    ("slot_claim", With("slot")),
    ("staff_challenge", Soon("a day after it ended")),
    ("staff_identity", With("staff_member")),
    ("staff_invitation", Key("proposals")),
    (
        "staff_member",
        Stays("who acts for offices: the record names them"),
    ),
    ("staff_passkey", With("staff_member")),
    ("staff_session", Soon("a day after it ended")),
    ("sunset", Ever("the end itself")),
    ("tallied", With("verdict")),
    ("tally", Stays("how far the counting is")),
    ("trace_carrier", Key("searches")),
    ("trace_contact", With("evidence")),
    ("trace_group", Key("searches")),
    ("trace_job", With("evidence")),
    ("trace_venue", Key("searches")),
    (
        "unmirrored",
        Soon(
            "when the mirror holds what is new; without a mirror a random number and how often it changed",
        ),
    ),
    ("venue", Stays("places")),
    (
        "verdict",
        Stays("what is in force now, decided anew as time passes: no history"),
    ),
    ("visit_by_person", Key("visit")),
    ("visit_by_venue", Key("visit")),
    ("walk", Stays("how far passes are")),
];

#[test]
fn every_table_says_how_long_its_rows_stay() {
    let erased = ERASED.iter().map(|table| table.name);
    let kept = KEPT.iter().map(|(table, _)| *table);
    // A test of the store holds these two lists against the schema.
    let schema: BTreeSet<&str> = erased.clone().chain(kept.clone()).collect();
    let named: BTreeSet<&str> = TABLES.iter().map(|(table, _)| *table).collect();
    assert_eq!(named, schema);
    assert_eq!(named.len(), TABLES.len(), "each once");
    let erased: BTreeSet<&str> = erased.collect();
    for (table, stay) in TABLES {
        match stay {
            Key(name) if name.contains(' ') => assert_eq!(table, "evidence"),
            Key(name) => {
                let is_known = Retention::NAMES.contains(&name);
                assert!(
                    is_known || name.parse::<FactKind>().is_ok(),
                    "{table}: {name}"
                );
            }
            With(other) => {
                let other = TABLES.iter().find(|(name, _)| *name == other);
                let other = other.unwrap_or_else(|| panic!("{table}: with nothing"));
                assert!(!matches!(other.1, With(_) | Ever(_)), "{table}: {other:?}");
            }
            Soon(why) | Stays(why) | Ever(why) => assert!(why.len() > 5, "{table}"),
        }
        let is_kept = matches!(stay, Ever(_)) || table == "audit_entry";
        assert_eq!(is_kept, !erased.contains(table), "{table}: at the end");
    }
}

#[test]
fn every_time_is_in_the_documentation_with_its_default() {
    let text = include_str!("../../../../docs/operating/ends.md");
    let written = text.lines().filter_map(|line| {
        let (name, value) = line.split_once(" = \"")?;
        Some((name, value.split_once('"')?.0))
    });
    let mut retention = Retention::DESIGN;
    let mut named = BTreeSet::new();
    for (name, value) in written {
        retention.set_named(name, value).unwrap();
        named.insert(name);
    }
    assert_eq!(retention, Retention::DESIGN, "the defaults");
    let kinds = FactKind::ALL
        .iter()
        .filter(|kind| **kind != FactKind::Withdrawal);
    let all: BTreeSet<&str> = kinds
        .map(|kind| kind.as_str())
        .chain(Retention::NAMES)
        .collect();
    assert_eq!(named, all);
    for (table, _) in TABLES {
        assert!(text.contains(&format!("`{table}`")), "{table} is not there");
    }
}

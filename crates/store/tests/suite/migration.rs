//! A database that version 0.1 wrote is brought up to date, and nothing in it is lost.
//!
//! `fixtures/README.md` says what is in it. Every row of it is read before and after, column by
//! column, behind the store's back; then the store reads something of each table. A migration that
//! moves or rewrites a table on purpose changes what is expected of that table here, and says why.

use std::collections::BTreeMap;

use domain::evidence::GroupKind;
use domain::{
    Colour, DeviceId, EvidenceId, FactKind, Level, PersonId, Status, Timestamp, VenueId, Verdict,
};
use jiff::civil::date;
use store::identities::BlindIndex;
use store::statistics::Measure;
use store::{ChangeCursor, ChangeNumber, Store};

use crate::bases::{self, Base};
use crate::behind;
use crate::record::Record;
use crate::sample::Counting;
use crate::stories::{GREEN, RED, YELLOW};

const SQLITE: &str = include_str!("../fixtures/version_0_1.sqlite.sql");
const POSTGRES: &str = include_str!("../fixtures/version_0_1.postgres.sql");
/// The schema version of the fixtures.
pub const VERSION_0_1: i64 = 5;
/// Tables that are no longer there: version 6 drops what clients had sent as keys, because anybody
/// who could read it could have sent it again. It drops the row of the counter that said who keeps
/// all visits in memory, too, because nobody does any more.
const GONE: [&str; 1] = ["request"];

/// Was at the library and had a contact that was withdrawn; a contact of the traced case.
const AN: PersonId = PersonId::from_u128(0xdca0_c749_607e_2c86_b54b_3c40_881e_2907);
/// Has evidence of nearly every kind.
const BO: PersonId = PersonId::from_u128(0x530e_0e61_18e9_685e_28bf_f9ea_304d_9f96);
/// A case that is still to be traced.
const CAI: PersonId = PersonId::from_u128(0x5360_00f4_bd6a_e8f8_f0af_3ce4_29ca_1790);
/// Came through a port.
const DAN: PersonId = PersonId::from_u128(0xf555_40b2_bff0_6252_e028_5292_5a4d_c852);
/// Nothing speaks against.
const EN: PersonId = PersonId::from_u128(0xb86c_9a98_359e_0b62_47a9_dc67_3932_5fac);
/// Never declared anything.
const FU: PersonId = PersonId::from_u128(0x2966_3e9e_a0ec_2561_d2c6_1eeb_27a2_1187);
/// The case that was traced.
const HU: PersonId = PersonId::from_u128(0x6c38_537a_931e_49d7_e31d_5ce0_684b_83f2);

const LIBRARY: VenueId = VenueId::from_u128(0x62db_179c_a848_7c5a_2633_46a6_9dd1_4426);
const DIAGNOSIS_OF_HU: EvidenceId =
    EvidenceId::from_u128(0x4a1d_2716_a0fa_615a_5a68_21d3_d440_b5a7);
const PHONE_OF_EN: DeviceId = DeviceId::from_u128(0xf0e1_1290_3ddd_f389_cbc6_9312_5863_f7cc);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_version_0_1_is_migrated_on_sqlite_and_keeps_every_row() {
    every_row_is_kept(bases::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_version_0_1_is_migrated_on_postgres_and_keeps_every_row() {
    every_row_is_kept(bases::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_reads_what_version_0_1_wrote_on_sqlite() {
    the_store_reads_it(bases::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_reads_what_version_0_1_wrote_on_postgres() {
    the_store_reads_it(bases::postgres().await).await;
}

/// Makes a database as version 0.1 left it.
pub async fn put_version_0_1(url: &str) {
    behind::run(url, if is_sqlite(url) { SQLITE } else { POSTGRES }).await;
}

async fn every_row_is_kept(base: Base) {
    let url = base.never_migrated().await;
    put_version_0_1(&url).await;
    let version = Store::schema_version(&url, &Counting).await;
    assert_eq!(version, Ok(VERSION_0_1));
    let before = rows(&url, &[]).await;
    let made = SQLITE.matches("\nCREATE TABLE ").count();
    assert_eq!(before.len(), made, "something in each table");
    assert!(before.values().all(|rows| !rows.is_empty()));

    let store = Record::migrate(&url).await.unwrap();
    assert_eq!(store.health().await.unwrap().schema, Store::NEWEST_SCHEMA);
    drop(store);
    let after = rows(&url, &GONE).await;
    for (table, mut before) in before {
        if GONE.contains(&&*table) {
            continue;
        }
        let mut after = after[&table].clone();
        if table == "counter" {
            before.retain(|row| !row.contains("'visit_writer'"));
        }
        if table == "walk" {
            // Version 11 adds which key writes blind indexes.
            let count = after.len();
            after.retain(|row| !row.contains("'index'"));
            assert_eq!(after.len() + 1, count);
        }
        let lost: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
        assert!(lost.is_empty(), "{table} has lost {lost:#?}");
        if table != "schema_version" {
            assert_eq!(after.len(), before.len(), "{table} has more than it had");
        }
    }
    base.remove().await;
}

async fn the_store_reads_it(base: Base) {
    let url = base.never_migrated().await;
    put_version_0_1(&url).await;
    let store = Record::migrate(&url).await.unwrap();
    people_and_evidence(&store).await;
    verdicts_and_messages(&store).await;
    publications(&store).await;
    visits_and_traces(&store).await;
    codes_and_authorities(&store).await;
    copies_and_counts(&store).await;
    // Last, because it takes what waits.
    assert_eq!(store.reopen_traces(10).await, Ok(2 + 1));
    let open = store.waiting_traces(10).await.unwrap();
    assert_eq!(open.len(), 2, "both cases are to be traced");
    drop(store);
    base.remove().await;
}

async fn people_and_evidence(store: &Record) {
    assert_eq!(store.people_after(None, 100).await.unwrap().len(), 11);
    // Until the program keys them.
    let token = bytes("b3635c5b3592759c06366d3a1d0ff466e5d956a60af5b06c19f3a4e382c84987");
    let tokens = store.tokens_before(None, 100).await.unwrap();
    assert!(tokens.contains(&(token, AN)));
    store.drop_tokens_before(vec![token]).await.unwrap();
    let left = store.tokens_before(None, 100).await.unwrap();
    assert_eq!(left.len() + 1, tokens.len());
    let document = BlindIndex::first(bytes(
        "800c4ed1e5b163cec7438c610c766d64bcad45be078ca211943ac82a3b90952e",
    ));
    let before = store.people_before(vec![document]).await;
    assert_eq!(before, Ok(vec![(document, FU)]));
    assert_eq!(store.person_by_document(document).await, Ok(None));
    let shared = bytes("64dd3375ab6d21a6dae04348d0bdf86066baaa6da0dbed8efd9e1ae52fb3fcea");
    let family = store
        .people_by_phone(BlindIndex::first(shared))
        .await
        .unwrap();
    assert_eq!(family, [BO, AN]);
    let sealed = store.identity(EN).await.unwrap().unwrap();
    assert!(sealed.0.len() > 28, "a nonce, a tag and what is sealed");

    let mut kinds = Vec::new();
    for person in [AN, BO] {
        let evidence = store.evidence_of(person, Timestamp::MIN).await.unwrap();
        assert!(evidence.iter().all(|piece| piece.person == person));
        kinds.extend(evidence.iter().map(|piece| piece.fact.kind()));
    }
    let is_there = |kind: &FactKind| kinds.contains(kind);
    assert!(FactKind::ALL.iter().all(is_there), "{kinds:?}");
    assert_eq!(kinds.len(), 7 + 11);
}

async fn verdicts_and_messages(store: &Record) {
    let undeclared = Status::Undeclared;
    for (person, status) in [(EN, GREEN), (DAN, YELLOW), (BO, RED), (FU, undeclared)] {
        let stored = store.verdict(person).await.unwrap().unwrap();
        assert_eq!(stored.verdict.status, status);
        assert_eq!(stored.verdict.policy.to_string(), "harbour-city v2");
    }
    let verdict: Verdict = store.verdict(BO).await.unwrap().unwrap().verdict;
    let colours: Vec<Colour> = verdict.restrictions.iter().map(|one| one.colour).collect();
    assert_eq!(colours, [Colour::Red; 2], "a contact and an order");
    assert_eq!(verdict.until, Some(at("2020-02-28T16:00:00Z")));

    // A follower that knew them by the second of their decision goes on where it was.
    let all = store.verdicts_since(ChangeCursor::at(ChangeNumber::BEFORE_ALL), 100);
    for one in all.await.unwrap() {
        assert_eq!(one.change.as_i64(), one.decided_at.as_second());
    }
    assert!(store.draw_change().await.unwrap() > ChangeNumber::from_i64(10_000_000_000));

    let waiting = store.outbox(100).await.unwrap();
    let mut waiting: Vec<_> = waiting.iter().map(|one| (one.before, one.after)).collect();
    waiting.sort_unstable_by_key(|(before, _)| before.is_some());
    assert_eq!(waiting, [(None, RED), (Some(GREEN), RED)]);
}

async fn publications(store: &Record) {
    let levels = store.levels().await.unwrap();
    let levels: Vec<_> = levels
        .iter()
        .map(|l| (l.region.to_string(), l.level))
        .collect();
    let expected = [
        ("9903", Level::Medium),
        ("9904", Level::Low),
        ("9902", Level::High),
    ];
    assert_eq!(
        levels,
        expected.map(|(region, level)| (region.to_owned(), level))
    );
    let policies = store.policies().await.unwrap();
    let names: Vec<String> = policies.iter().map(|p| p.reference.to_string()).collect();
    assert_eq!(names, ["harbour-city v1", "harbour-city v2"]);
    assert!(
        policies
            .iter()
            .all(|one| domain::Policy::parse(&one.toml).is_ok())
    );

    let proposals = store.proposals(10).await.unwrap();
    let settled = proposals.iter().filter_map(|one| one.settled.as_ref());
    let mut reasons: Vec<_> = settled.map(|end| (end.is_approved, &*end.reason)).collect();
    reasons.sort_unstable();
    let expected = [
        (false, "it was another city"),
        (true, "read and agreed"),
        (true, "two outbreaks are known"),
    ];
    assert_eq!(reasons, expected);
    let waiting = store.waiting_proposals().await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].comparison.is_some());
    let pass = store.reevaluation().await.unwrap().unwrap();
    assert_eq!((pass.decided, pass.is_finished), (10, true));
}

async fn visits_and_traces(store: &Record) {
    let venue = store.venue(LIBRARY).await.unwrap().unwrap();
    assert_eq!((&*venue.name, venue.category), ("图书馆", None));
    let long = at("2020-02-16T07:00:00Z");
    let visits = store
        .visits_at(vec![(LIBRARY, long, at("2020-02-16T08:00:00Z"))])
        .await;
    let visits: Vec<_> = visits
        .unwrap()
        .into_iter()
        .map(|visit| visit.person)
        .collect();
    assert!(
        visits.contains(&CAI),
        "came 25 hours before leaving: {visits:?}"
    );
    let of_hu = store
        .visits_of(HU, Timestamp::MIN, Timestamp::MAX)
        .await
        .unwrap();
    let left: Vec<bool> = of_hu.iter().map(|visit| visit.left.is_some()).collect();
    assert_eq!(left, [true, false]);

    let open = store.waiting_traces(10).await.unwrap();
    let whose: Vec<PersonId> = open.iter().map(|job| job.person).collect();
    assert_eq!(whose, [CAI]);
    let done = store.trace(HU, DIAGNOSIS_OF_HU).await.unwrap().unwrap();
    assert_eq!(done.finished.unwrap().contacts, 5);
    let noted = store.noted_contacts(HU, DIAGNOSIS_OF_HU).await.unwrap();
    assert_eq!(noted.len(), 5);
    assert!(noted.iter().any(|(person, _)| *person == AN));

    let groups = store
        .memberships_of(HU, Timestamp::MIN, Timestamp::MAX)
        .await
        .unwrap();
    let mut kinds: Vec<GroupKind> = groups.iter().map(|one| one.kind).collect();
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            GroupKind::Household,
            GroupKind::Building,
            GroupKind::Vehicle
        ]
    );
    let household = groups
        .iter()
        .find(|one| one.kind == GroupKind::Household)
        .unwrap();
    let members = store
        .members(household.group, Timestamp::MIN, Timestamp::MAX)
        .await;
    assert_eq!(members.unwrap().len(), 3);
}

async fn codes_and_authorities(store: &Record) {
    let phone = store.device(EN, PHONE_OF_EN).await.unwrap().unwrap();
    assert_eq!(phone.public_key[..3], [0x03, 0xce, 0xf5]);
    let live = store
        .live_index(EN, Some(PHONE_OF_EN))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((live.list, live.index), (0, 111_776));
    let revoked = store
        .revoked_indexes(at("2020-02-18T00:00:00Z"))
        .await
        .unwrap();
    let places: Vec<u32> = revoked.iter().map(|one| one.index).collect();
    assert_eq!(places, [601_337, 898_878, 1_042_698]);
    let seconds = revoked.iter().map(|one| one.revoked_at.as_second());
    let changes = revoked.iter().map(|one| one.change.as_i64());
    assert!(changes.eq(seconds), "{revoked:?}");

    store.fill_regions("9901".parse().unwrap()).await.unwrap();
    let authorities = store.authorities().await.unwrap();
    assert_eq!(authorities.len(), 7);
    let token = bytes("61df3c25d2f1ec7e29bb091af4e893ca5ae9f7252d17d14700f7e13de0ebeaba");
    let railway = authorities.iter().find(|one| one.name == "Harbour Railway");
    let tokens = store.take_tokens().await.unwrap();
    assert!(tokens.contains(&(token, railway.unwrap().id)));
    assert_eq!(store.take_tokens().await, Ok(Vec::new()));
}

async fn copies_and_counts(store: &Record) {
    let copies = store.generations().await.unwrap();
    assert_eq!((copies.len(), copies[0].people), (1, 10));
    let news = store.noted(None, 100).await.unwrap();
    assert!(news.iter().any(|one| one.person == CAI), "{news:?}");
    let cursor = store.counting().await.unwrap().unwrap();
    assert_eq!(
        (cursor.began, cursor.open),
        (date(2020, 2, 17), date(2020, 2, 18))
    );
    let monday = store.day_counts(date(2020, 2, 17)).await.unwrap();
    let registered = monday.iter().find(|(key, _)| {
        key.measure == Measure::Registered && key.region.is_some_and(|r| r.to_string() == "990101")
    });
    assert_eq!(registered.map(|(_, people)| *people), Some(2));
    let counted = store
        .counted_people(vec![DAN])
        .await
        .unwrap()
        .remove(0)
        .counted;
    assert_eq!(counted.unwrap().status, YELLOW);
}

/// Every row of every table of version 0.1 but those, its columns in the order of that version.
async fn rows(url: &str, but: &[&str]) -> BTreeMap<String, Vec<String>> {
    let quote = if is_sqlite(url) {
        "quote"
    } else {
        "quote_nullable"
    };
    let mut rows = BTreeMap::new();
    for (table, columns) in tables().filter(|(table, _)| !but.contains(table)) {
        let columns: Vec<String> = columns
            .iter()
            .map(|name| format!("{quote}({name})"))
            .collect();
        let statement = format!("SELECT {} FROM {table}", columns.join(" || ' ' || "));
        rows.insert(table.to_owned(), behind::texts(url, &statement).await);
    }
    rows
}

/// The tables of the fixture with their columns.
fn tables() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let inserts = SQLITE
        .lines()
        .filter_map(|line| line.strip_prefix("INSERT INTO "));
    inserts.filter_map(|rest| {
        let (table, rest) = rest.split_once(" (")?;
        let columns = rest.strip_suffix(") VALUES")?;
        Some((table, columns.split(", ").collect()))
    })
}

pub fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

fn bytes(digits: &str) -> [u8; 32] {
    std::array::from_fn(|place| u8::from_str_radix(&digits[2 * place..][..2], 16).unwrap())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

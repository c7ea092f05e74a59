//! A migration that rewrites everybody's rows is killed in the middle and goes on, on both databases.

use std::process::{Command, Stdio};
use std::time::Duration;

use store::{Store, StoreError};

use crate::bases::{self, Base};
use crate::behind;
use crate::migration::{VERSION_0_1, is_sqlite, put_version_0_1};
use crate::record::Record;
use crate::sample::Counting;

const CHILD_DATABASE: &str = "HEALTHCODE_TEST_MIGRATED_DATABASE";

const NUMBERED: &str =
    "SELECT CAST(COUNT(*) AS TEXT) FROM verdict WHERE change_number = decided_at";
const NOT_NUMBERED: &str =
    "SELECT CAST(COUNT(*) AS TEXT) FROM verdict WHERE change_number <> decided_at";
const PIECES: &str = "SELECT CAST(COUNT(*) AS TEXT) FROM walk \
                      WHERE name = 'migration 6' AND after_id IS NOT NULL";

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_killed_goes_on_where_it_stood_on_sqlite() {
    a_migration_that_was_killed_goes_on(bases::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_killed_goes_on_where_it_stood_on_postgres() {
    a_migration_that_was_killed_goes_on(bases::postgres().await).await;
}

async fn a_migration_that_was_killed_goes_on(base: Base) {
    let url = base.never_migrated().await;
    put_version_0_1(&url).await;
    behind::run(&url, &many_people(&url)).await;
    migrate_until_killed(&url).await;

    assert_ne!(behind::texts(&url, NUMBERED).await, ["0"]);
    assert_ne!(behind::texts(&url, NOT_NUMBERED).await, ["0"]);
    let version = Store::schema_version(&url, &Counting).await;
    assert_eq!(version, Ok(VERSION_0_1));
    let Err(refused) = Store::open(&url, &Counting).await else {
        panic!("opened")
    };
    let half = StoreError::HalfMigrated { found: VERSION_0_1 };
    assert_eq!(refused, half);
    let said = refused.to_string();
    assert!(said.contains("healthcode migrate"), "{said}");

    let store = Record::migrate(&url).await.unwrap();
    assert_eq!(store.health().await.unwrap().schema, Store::NEWEST_SCHEMA);
    drop(store);
    assert_eq!(behind::texts(&url, NOT_NUMBERED).await, ["0"]);
    assert_eq!(behind::texts(&url, PIECES).await, ["0"]);
    base.remove().await;
}

/// A hundred thousand people with a verdict each, so that a migration takes a while.
fn many_people(url: &str) -> String {
    let people = if is_sqlite(url) {
        "WITH RECURSIVE numbers (number) AS (\
             SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 100000\
         ) SELECT CAST(printf('%016d', number) AS BLOB), 1 FROM numbers"
    } else {
        "SELECT convert_to(lpad(number::text, 16, '0'), 'UTF8'), 1 \
         FROM generate_series(1, 100000) AS number"
    };
    format!(
        "INSERT INTO person (person_id, revision) {people}; \
         INSERT INTO verdict \
             (person_id, policy_id, policy_version, status, decided_at, findings) \
         SELECT person_id, 'harbour-city', 2, 'undeclared', 1581904800, '{{}}' FROM person \
         WHERE person_id NOT IN (SELECT person_id FROM verdict)"
    )
}

/// Runs this program again as one that migrates, and kills it once some rows are rewritten.
async fn migrate_until_killed(url: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cut_off::child_that_migrates_until_it_is_killed"])
        .args(["--ignored", "--nocapture"])
        .env(CHILD_DATABASE, url)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while behind::texts(url, PIECES).await == ["0"] {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in a process of its own"]
#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told its database this way"
)]
async fn child_that_migrates_until_it_is_killed() {
    let url = std::env::var(CHILD_DATABASE).expect("told by the parent");
    drop(Record::migrate(&url).await.unwrap());
}

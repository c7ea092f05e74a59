//! The file of the embedded database: its write-ahead log, its lock, and what stands beside it.

use std::fs;
use std::path::PathBuf;

use domain::evidence::Dose;
use domain::{Evidence, Fact, PersonId};
use store::{Store, StoreError};

use crate::bases::{self, Base};
use crate::record::Record;
use crate::sample::{Counting, LI, at, contact, evidence, id};

/// How long the write-ahead log may stay.
const LONGEST_LOG: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_that_a_long_reader_kept_is_cut_and_goes_with_the_store() {
    let base = bases::sqlite().await;
    let log = beside(&base, "-wal");
    let length = || fs::metadata(&log).map_or(0, |log| log.len());

    let reader = rusqlite::Connection::open(base.file()).unwrap();
    reader
        .execute_batch("BEGIN; SELECT COUNT(*) FROM evidence")
        .unwrap();
    let snapshot: i64 = count(&reader);
    let mut written = 0;
    while length() <= LONGEST_LOG {
        written += 1;
        assert!(written < 1_000, "the reader does not keep the log");
        base.store.append(vec![long(written)]).await.unwrap();
    }
    assert_eq!(count(&reader), snapshot, "the reader sees what it saw");
    reader.execute_batch("COMMIT").unwrap();

    // The first is answered before the log is cut behind it.
    for number in [1, 2] {
        let piece = contact(1_000 + number, LI, at(0, 8));
        base.store.append(vec![piece]).await.unwrap();
    }
    assert!(length() < 1 << 20, "{} bytes", length());
    drop(reader);

    let url = base.url.clone();
    drop(base.store);
    assert!(!log.exists(), "the log was written back");
    let again = Record::open(&url).await.unwrap();
    for number in 1..=written {
        let there = again.evidence(LI, id(number)).await.unwrap();
        assert!(there == Some(long(number)), "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stands_beside_the_file_of_a_store_that_is_dropped() {
    let base = bases::sqlite().await;
    let (url, folder) = (base.url.clone(), base.file().parent().unwrap().to_owned());
    base.store
        .append(vec![contact(1, LI, at(0, 8))])
        .await
        .unwrap();
    base.store.evidence(LI, id(1)).await.unwrap();
    drop(base.store);
    let files = || -> Vec<_> {
        let entries = fs::read_dir(&folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    };
    assert_eq!(files(), ["record.db"]);
    // Reading, too, leaves nothing behind.
    let again = Record::open(&url).await.unwrap();
    assert!(again.evidence(LI, id(1)).await.unwrap().is_some());
    drop(again);
    assert_eq!(files(), ["record.db"]);
    // So does a look at the version, which may not change the file.
    let version = Store::schema_version(&url, &Counting).await;
    assert_eq!(version, Ok(Store::NEWEST_SCHEMA));
    assert_eq!(files(), ["record.db"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_is_that_of_a_store_in_use_whatever_its_file_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("100% of it? #1 é.db");
    let url = format!("sqlite:{}", path.display());
    for _ in 0..2 {
        let store = Store::migrate(&url, &Counting).await.unwrap();
        let version = Store::schema_version(&url, &Counting).await;
        assert_eq!(version, Ok(Store::NEWEST_SCHEMA));
        drop(store);
        let version = Store::schema_version(&url, &Counting).await;
        assert_eq!(version, Ok(Store::NEWEST_SCHEMA));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_program_has_locked_is_busy() {
    let base = bases::sqlite().await;
    let other = rusqlite::Connection::open(base.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = base.store.append(vec![contact(1, LI, at(0, 8))]).await;
    let Err(StoreError::Busy(_)) = &refused else {
        panic!("{refused:?}");
    };
    assert!(refused.as_ref().is_err_and(StoreError::is_temporary));
    assert_eq!(base.store.evidence(LI, id(1)).await, Ok(None), "it reads");
    other.execute_batch("ROLLBACK").unwrap();
    base.store
        .append(vec![contact(1, LI, at(0, 8))])
        .await
        .unwrap();
    assert!(base.store.evidence(LI, id(1)).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_says_so() {
    let base = bases::sqlite().await;
    for number in 0..1000 {
        let person = PersonId::from_u128(number);
        let piece = contact(number, person, at(0, 8));
        base.store.append(vec![piece]).await.unwrap();
    }
    assert_eq!(base.store.damage().await, Ok(None));
    let (url, file) = (base.url.clone(), base.file());
    drop(base.store);
    // The last pages lose some bytes; the first ones say what tables there are.
    let mut bytes = fs::read(&file).unwrap();
    let pages = bytes.len() / 4096;
    for page in bytes.chunks_mut(4096).skip(pages * 7 / 8) {
        page[..64].fill(0x7f);
    }
    fs::write(&file, bytes).unwrap();
    let damaged = Record::open(&url).await.unwrap();
    let said = damaged.damage().await.unwrap();
    assert!(said.is_some_and(|said| said != "ok"));
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let base = bases::sqlite().await;
    base.store
        .append(vec![contact(1, LI, at(0, 8))])
        .await
        .unwrap();
    for path in [base.file(), beside(&base, "-wal"), beside(&base, "-shm")] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

/// A file whose name is longer than the database's.
fn beside(base: &Base, ending: &str) -> PathBuf {
    let mut name = base.file().into_os_string();
    name.push(ending);
    name.into()
}

fn count(reader: &rusqlite::Connection) -> i64 {
    let count = "SELECT COUNT(*) FROM evidence";
    reader.query_row(count, [], |row| row.get(0)).unwrap()
}

/// A piece of evidence of a megabyte.
fn long(number: u128) -> Evidence {
    let fact = Fact::vaccination("x".repeat(1 << 20), Dose::FIRST, at(0, 8));
    evidence(number, LI, fact)
}

//! What was acknowledged is there after a power cut (invariant 6), on SQLite.
//!
//! A child writes under `strace`, which lists its writes, syncs and acknowledgements in one order.
//! From that list the files are put together as a disk may hold them whose power fails at a given
//! instant: of what no finished sync covers, nothing is kept, or some of it at random, single
//! writes torn in half. A file has its name only once its folder was synced. What is mapped into
//! memory (the index of the log) is never kept. Then the store opens what is left.

mod disk;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use domain::PersonId;

use self::disk::{Chance, Disk, Event, events_of};
use crate::bases;
use crate::killed::{message, write_both};
use crate::record::Record;
use crate::sample::{at, contact, id};

const CHILD_DATABASE: &str = "HEALTHCODE_TEST_CHILD_DATABASE";
const CALLS: &str = "trace=openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink";
/// How often the child opens the database anew; the log is written back and removed each time.
const ROUNDS: u128 = 3;
const WRITERS: u128 = 4;
const WRITES: u128 = 6;
/// Of the instants between acknowledgements, one in so many is looked at.
const EVERY: usize = 16;

/// A person and the number of what was written about them.
type Written = (PersonId, u128);

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_loses_nothing_acknowledged_on_sqlite() {
    let can_trace = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .status();
    if !can_trace.is_ok_and(|status| status.success()) {
        println!("SKIPPED: a power cut: `strace` is absent or may not trace");
        return;
    }
    let base = bases::sqlite().await;
    let (file, url) = (base.file(), base.url.clone());
    drop(base.store);
    let mut disk = Disk::at_rest(&file);
    let mut careless = Disk::at_rest(&file);
    let events = trace_a_child(&url, file.parent().unwrap());

    let mut acknowledged: Vec<Written> = Vec::new();
    let mut chance = Chance(1);
    for (instant, event) in events.iter().enumerate() {
        disk.apply(event);
        if !matches!(event, Event::SyncBegins { .. }) {
            careless.apply(event);
        }
        let before = acknowledged.len();
        if let Event::Says(text) = event {
            acknowledged.extend(text.lines().filter_map(acknowledgement));
        }
        if acknowledged.len() > before || instant % EVERY == 0 {
            for disk in [
                disk.that_kept_nothing_more(),
                disk.that_kept_some(&mut chance),
            ] {
                let kept = open(&disk).await;
                assert_eq!(lost(&kept, &acknowledged), [], "at instant {instant}");
            }
        }
    }
    assert_eq!(acknowledged.len() as u128, ROUNDS * WRITERS * WRITES);
    let kept = open(&careless.that_kept_nothing_more()).await;
    assert_eq!(
        lost(&kept, &acknowledged),
        acknowledged,
        "without syncs all would be lost"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test above, in a process of its own"]
#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told its database this way"
)]
async fn child_that_writes_and_opens_anew() {
    let url = std::env::var(CHILD_DATABASE).expect("told by the parent");
    for round in 0..ROUNDS {
        let store = Record::open(&url).await.unwrap();
        let writers = (0..WRITERS).map(|writer| {
            let store = &store;
            async move {
                let person = PersonId::from_u128(round * WRITERS + writer);
                for number in 1..=WRITES {
                    let write = store.transaction("write", (person, number), |tx, write| {
                        Box::pin(write_both(tx, *write))
                    });
                    write.await.unwrap();
                    println!("acknowledged {person} {number}.");
                }
            }
        });
        futures::future::join_all(writers).await;
    }
}

fn acknowledgement(line: &str) -> Option<Written> {
    let (_, written) = line.split_once("acknowledged ")?;
    let (person, number) = written.strip_suffix('.')?.split_once(' ')?;
    Some((person.parse().unwrap(), number.parse().unwrap()))
}

/// Opens what a disk kept, and returns everything that is in it. What was written together is there
/// together, or not at all.
async fn open(disk: &BTreeMap<String, Vec<u8>>) -> Vec<Written> {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in disk {
        let name = Path::new(path).file_name().unwrap();
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let url = format!("sqlite:{}", folder.path().join("record.db").display());
    let store = Record::open(&url).await.unwrap();
    assert_eq!(store.damage().await, Ok(None));
    let messages = store.outbox(u32::MAX).await.unwrap();
    let mut kept = Vec::new();
    for person in (0..ROUNDS * WRITERS).map(PersonId::from_u128) {
        let evidence = store.evidence_of(person, at(0, 0)).await.unwrap();
        let numbers = evidence.iter().map(|piece| (person, piece.id.as_u128()));
        for (person, number) in numbers {
            let there = store.evidence(person, id(number)).await.unwrap();
            assert_eq!(there, Some(contact(number, person, at(0, 8))));
            assert!(messages.contains(&message(person, number)));
            kept.push((person, number));
        }
    }
    assert_eq!(messages.len(), kept.len(), "a message without its evidence");
    kept
}

fn lost(kept: &[Written], acknowledged: &[Written]) -> Vec<Written> {
    let lost = acknowledged.iter().filter(|one| !kept.contains(one));
    lost.copied().collect()
}

/// Runs this program again as a writer, and returns what it did to the files in the folder.
fn trace_a_child(url: &str, folder: &Path) -> Vec<Event> {
    let notes = tempfile::tempdir().unwrap();
    let list = notes.path().join("calls");
    let traced = Command::new("strace")
        .args(["-f", "-y", "-xx", "-s", "1000000", "-e", CALLS, "-o"])
        .arg(&list)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "power_cut::child_that_writes_and_opens_anew"])
        .args(["--ignored", "--nocapture"])
        .env(CHILD_DATABASE, url)
        .output()
        .unwrap();
    assert!(traced.status.success(), "{traced:?}");
    let calls = fs::read_to_string(list).unwrap();
    let folder = folder.to_str().unwrap();
    let events = calls.lines().flat_map(|line| events_of(line, folder));
    events.collect()
}

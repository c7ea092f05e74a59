use std::sync::{Arc, Mutex};

use domain::{AuthorityId, PersonId, StaffId};
use futures::future::join_all;
use store::StoreError;
use store::audit::{self, Commitment, EntryRecord, Head, NewEntry, Witnessed};
use store::looks::{self, LookCount};

use crate::record::Record;
use crate::sample::{LI, WU, at};

fn entry(byte: u8, people: &[PersonId]) -> NewEntry {
    NewEntry {
        commitment: [byte; 32],
        salt: [byte; 16],
        content: vec![byte; 3],
        people: people.to_vec(),
        at: at(0, i64::from(byte)),
    }
}

fn record(byte: u8, index: Option<u64>) -> EntryRecord {
    EntryRecord {
        commitment: [byte; 32],
        kept: Some(([byte; 16], vec![byte; 3])),
        at: at(0, i64::from(byte)),
        index,
    }
}

async fn append(store: &Record, entries: Vec<NewEntry>) {
    let work = store.transaction("append", entries, |tx, entries| {
        Box::pin(audit::append(tx, entries))
    });
    work.await.unwrap();
}

async fn waiting(store: &Record) -> Vec<Commitment> {
    let read = store.read("waiting", (), |tx, ()| Box::pin(audit::waiting(tx, 10)));
    read.await
        .unwrap()
        .into_iter()
        .map(|(one, _)| one)
        .collect()
}

/// Gives whatever waits its place, as the worker does.
async fn place(store: &Record) -> Result<u64, StoreError> {
    let work = store.transaction("place", (), |tx, ()| {
        Box::pin(async move {
            let head = audit::lock_head(tx).await?;
            let waiting = audit::waiting(tx, 10).await?;
            let entries: Vec<Commitment> = waiting.into_iter().map(|(one, _)| one).collect();
            let placed = audit::place(tx, head.size, &entries).await?;
            let head = Head {
                size: head.size + placed,
                checkpoint: "signed".to_owned(),
                signed_at: at(1, 0),
            };
            audit::put_head(tx, &head).await?;
            Ok::<_, StoreError>(head.size)
        })
    });
    work.await
}

pub async fn an_entry_waits_until_it_has_its_place(store: &Record) {
    append(store, vec![entry(3, &[]), entry(1, &[LI])]).await;
    append(store, vec![entry(2, &[])]).await;
    assert_eq!(waiting(store).await, [[1; 32], [2; 32], [3; 32]]);
    assert_eq!(place(store).await, Ok(3));
    assert_eq!(waiting(store).await, Vec::<Commitment>::new());
    append(store, vec![entry(4, &[])]).await;
    assert_eq!(place(store).await, Ok(4));
    let from = store.read("from", (), |tx, ()| Box::pin(audit::from(tx, 2, 10)));
    assert_eq!(from.await, Ok(vec![record(3, Some(2)), record(4, Some(3))]));
    let before = store.read("before", (), |tx, ()| Box::pin(audit::before(tx, 3, 2)));
    assert_eq!(
        before.await,
        Ok(vec![record(3, Some(2)), record(2, Some(1))])
    );
}

pub async fn places_given_at_once_are_all_different(store: &Record) {
    let entries: Vec<NewEntry> = (1..=9).map(|byte| entry(byte, &[])).collect();
    append(store, entries).await;
    let sizes = join_all((0..4).map(|_| place(store))).await;
    assert!(sizes.iter().all(|size| *size == Ok(9)), "{sizes:?}");
    let from = store.read("from", (), |tx, ()| Box::pin(audit::from(tx, 0, 20)));
    let indexes: Vec<_> = from.await.unwrap().iter().map(|one| one.index).collect();
    assert_eq!(indexes, (0..9).map(Some).collect::<Vec<_>>());
}

pub async fn an_entry_is_found_by_whom_it_is_about(store: &Record) {
    append(store, vec![entry(1, &[LI, WU, LI]), entry(2, &[LI])]).await;
    let about = |person| {
        store.read("about", person, |tx, person| {
            Box::pin(audit::about(tx, *person, 10))
        })
    };
    assert_eq!(about(LI).await, Ok(vec![record(2, None), record(1, None)]));
    assert_eq!(about(WU).await, Ok(vec![record(1, None)]));
    let asked = vec![(WU, [1; 32]), (WU, [2; 32])];
    let readable = store.read("readable", asked, |tx, asked| {
        Box::pin(audit::readable(tx, asked))
    });
    let at = record(1, None).at;
    assert_eq!(readable.await, Ok(vec![(WU, [1; 32], at)]));
}

pub async fn what_is_erased_leaves_its_commitment(store: &Record) {
    append(store, vec![entry(1, &[LI])]).await;
    place(store).await.unwrap();
    let erase = || {
        store.transaction("erase", (), |tx, ()| {
            Box::pin(audit::erase(tx, [1; 32], &[LI]))
        })
    };
    assert_eq!(erase().await, Ok(true));
    assert_eq!(erase().await, Ok(false));
    let from = store.read("from", (), |tx, ()| Box::pin(audit::from(tx, 0, 20)));
    let kept = None;
    let erased = EntryRecord {
        kept,
        ..record(1, Some(0))
    };
    assert_eq!(from.await, Ok(vec![erased]));
    let about = store.read("about", (), |tx, ()| Box::pin(audit::about(tx, LI, 10)));
    assert_eq!(about.await, Ok(vec![]));
}

pub async fn a_tile_grows_and_a_witness_does_not_go_back(store: &Record) {
    let tile = || store.read("tile", (), |tx, ()| Box::pin(audit::tile(tx, 1, 7)));
    assert_eq!(tile().await, Ok(None));
    for hashes in [vec![1_u8; 32], vec![2; 64]] {
        let put = store.transaction("put", hashes.clone(), |tx, hashes| {
            Box::pin(audit::put_tile(tx, 1, 7, hashes))
        });
        put.await.unwrap();
        assert_eq!(tile().await, Ok(Some(hashes)));
    }
    let head = store.read("head", (), |tx, ()| Box::pin(audit::head(tx)));
    assert_eq!(head.await, Ok(None));
    let seen = |size: u64| Witnessed {
        witness: "university".to_owned(),
        size,
        checkpoint: format!("{size} entries"),
        seen_at: at(0, 1),
    };
    for (size, is_newer) in [(7, true), (6, false), (7, true), (9, true)] {
        let put = store.transaction("put", seen(size), |tx, seen| {
            Box::pin(audit::put_witnessed(tx, seen))
        });
        assert_eq!(put.await, Ok(is_newer), "{size}");
    }
    let all = store.read("all", (), |tx, ()| Box::pin(audit::witnessed(tx)));
    assert_eq!(all.await, Ok(vec![seen(9)]));
}

pub async fn a_snapshot_is_of_one_moment(store: &Record) {
    append(store, vec![entry(1, &[])]).await;
    let (read, mut was_read) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let both = {
        let (store, arguments) = (Arc::clone(&store.0), (read, Mutex::new(may_go_on)));
        let handle = tokio::runtime::Handle::current();
        let snapshot = async move {
            let both = store.snapshot("both", arguments, |tx, (read, may_go_on)| {
                Box::pin(async move {
                    let before = audit::waiting(tx, 10).await?;
                    read.send(()).unwrap();
                    may_go_on.lock().unwrap().recv().unwrap();
                    Ok::<_, StoreError>((before, audit::waiting_whole(tx, 10).await?))
                })
            });
            both.await
        };
        tokio::task::spawn_blocking(move || handle.block_on(snapshot))
    };
    was_read.recv().await.unwrap();
    append(store, vec![entry(2, &[])]).await;
    go_on.send(()).unwrap();
    let (before, after) = both.await.unwrap().unwrap();
    assert_eq!(before, [([1; 32], at(0, 1))]);
    assert_eq!(after, [record(1, None)]);
    assert_eq!(waiting(store).await, [[1; 32], [2; 32]]);
}

pub async fn looks_are_counted_by_office_day_and_member(store: &Record) {
    let count = |day, staff, looks| LookCount {
        day,
        staff: StaffId::from_u128(staff),
        looks,
    };
    let counts = vec![
        (1, count(7, 1, 2)),
        (1, count(7, 1, 3)),
        (1, count(6, 2, 1)),
        (2, count(7, 1, 9)),
    ];
    let work = store.transaction("looks", counts, |tx, counts| {
        Box::pin(async move {
            for (office, one) in counts {
                looks::add(tx, AuthorityId::from_u128(*office), one).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    work.await.unwrap();
    let since = async |day: i64| {
        let read = store.read("since", day, |tx, day| {
            Box::pin(looks::since(tx, AuthorityId::from_u128(1), *day))
        });
        read.await.unwrap()
    };
    assert_eq!(since(0).await, [count(6, 2, 1), count(7, 1, 5)]);
    assert_eq!(since(7).await, [count(7, 1, 5)]);
    let work = store.transaction("forget", (), |tx, ()| Box::pin(looks::forget(tx, 7)));
    work.await.unwrap();
    assert_eq!(since(0).await, [count(7, 1, 5)]);
}

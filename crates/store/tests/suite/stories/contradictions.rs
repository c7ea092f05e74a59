use domain::{ContradictionId, PersonId, StaffId, Timestamp};
use store::Whose;
use store::appeals::SealedWith;
use store::contradictions::{
    self, ContradictionKey, ContradictionRecord, ContradictionSettled, Hearing,
};

use crate::record::Record;
use crate::sample::{LI, OFFICE, WU, at, id};

const OFFICER: StaffId = StaffId::from_u128(5);

fn found(person: PersonId, number: u128, hour: i64) -> ContradictionRecord {
    ContradictionRecord {
        person,
        id: ContradictionId::from_u128(number),
        about: "stay".to_owned(),
        declared: id(number),
        recorded: id(number + 100),
        found_at: at(0, hour),
        hear_by: at(2, hour),
        seal: SealedWith { key: 1, month: 600 },
        said: None,
        settled: None,
        told_at: None,
    }
}

fn hearing(hour: i64, to: Option<StaffId>) -> Hearing {
    let said = vec![hour as u8; 30];
    let at = at(1, hour);
    Hearing { at, said, to }
}

fn settled(hour: i64) -> ContradictionSettled {
    ContradictionSettled {
        at: at(3, hour),
        outcome: "confirmed".to_owned(),
        by: Some((OFFICER, OFFICE)),
        reasons: vec![7; 30],
    }
}

async fn add(store: &Record, records: Vec<ContradictionRecord>) -> u64 {
    let work = store.transaction("add", records, |tx, records| {
        Box::pin(contradictions::add(tx, records))
    });
    work.await.unwrap()
}

async fn find(store: &Record, one: &ContradictionRecord) -> ContradictionRecord {
    let key = (one.person, one.id);
    let read = store.read("find", key, |tx, key| {
        Box::pin(contradictions::find(tx, *key))
    });
    read.await.unwrap().unwrap()
}

async fn say(store: &Record, key: ContradictionKey, hearing: Hearing) -> bool {
    let work = store.transaction("say", (key, hearing), |tx, (key, hearing)| {
        Box::pin(contradictions::say(tx, *key, hearing))
    });
    work.await.unwrap()
}

async fn settle(store: &Record, key: ContradictionKey, end: ContradictionSettled) -> bool {
    let work = store.transaction("settle", (key, end), |tx, (key, end)| {
        Box::pin(contradictions::settle(tx, *key, end))
    });
    work.await.unwrap()
}

pub async fn a_contradiction_is_heard_until_it_is_settled_once(store: &Record) {
    let one = found(LI, 1, 8);
    assert_eq!(add(store, vec![one.clone()]).await, 1);
    let again = ContradictionRecord {
        found_at: at(1, 0),
        ..one.clone()
    };
    assert_eq!(
        add(store, vec![again]).await,
        0,
        "found again it is the same"
    );
    assert_eq!(find(store, &one).await, one);
    let key = (LI, one.id);
    assert!(say(store, key, hearing(8, Some(OFFICER))).await);
    assert!(
        say(store, key, hearing(9, None)).await,
        "the last word counts"
    );
    assert_eq!(find(store, &one).await.said, Some(hearing(9, None)));
    let over = say(store, key, hearing(11, Some(OFFICER))).await;
    assert!(!over, "nobody writes over what the person wrote");
    assert!(settle(store, key, settled(8)).await);
    assert!(
        !settle(store, key, settled(9)).await,
        "who is first has settled"
    );
    assert!(!say(store, key, hearing(10, None)).await);
    assert_eq!(find(store, &one).await.settled, Some(settled(8)));
}

pub async fn contradictions_wait_in_order_and_are_read_by_person(store: &Record) {
    let all = vec![found(LI, 1, 9), found(WU, 2, 8), found(LI, 3, 10)];
    add(store, all.clone()).await;
    let waiting = async |after, limit| {
        let read = store.read("waiting", (after, limit), |tx, (after, limit)| {
            let everybodys = &Whose::Everybodys;
            Box::pin(contradictions::waiting(
                tx,
                everybodys,
                Timestamp::MAX,
                *after,
                *limit,
            ))
        });
        read.await.unwrap()
    };
    let first = waiting(None, 2).await;
    assert_eq!(first, [all[1].clone(), all[0].clone()]);
    let last = &first[1];
    let after = Some((last.hear_by, last.person, last.id));
    assert_eq!(waiting(after, 2).await, [all[2].clone()]);
    let dropped = ContradictionSettled {
        by: None,
        reasons: Vec::new(),
        ..settled(8)
    };
    assert!(settle(store, (LI, all[0].id), dropped.clone()).await);
    assert_eq!(waiting(None, 9).await.len(), 2);
    let people = vec![WU, LI];
    let read = store.read("of", people, |tx, people| {
        Box::pin(contradictions::of(tx, people))
    });
    let of: Vec<u128> = read
        .await
        .unwrap()
        .iter()
        .map(|one| one.id.as_u128())
        .collect();
    assert_eq!(of.len(), 3);
    assert!(
        of.windows(2).any(|pair| pair == [3, 1]),
        "the newest first: {of:?}"
    );
    assert_eq!(find(store, &all[0]).await.settled, Some(dropped));
}

pub async fn contradictions_are_sealed_anew_and_forgotten_once_they_are_settled(store: &Record) {
    let (one, other) = (found(LI, 1, 8), found(WU, 2, 8));
    add(store, vec![one.clone(), other.clone()]).await;
    let seal = SealedWith { key: 1, month: 601 };
    let before = async |seal| {
        let read = store.read("before", seal, |tx, seal| {
            Box::pin(contradictions::sealed_before(tx, *seal, None, 9))
        });
        read.await.unwrap()
    };
    let old = before(seal).await;
    assert_eq!(old, [one.clone(), other.clone()]);
    assert_eq!(before(SealedWith { key: 1, month: 600 }).await, []);
    // Something was said since they were read.
    assert!(say(store, (WU, other.id), hearing(8, None)).await);
    for record in old {
        let fresh = ContradictionRecord {
            seal,
            ..record.clone()
        };
        let work = store.transaction("reseal", (record, fresh), |tx, (record, fresh)| {
            Box::pin(contradictions::reseal(tx, record, fresh))
        });
        work.await.unwrap();
    }
    assert_eq!(find(store, &one).await.seal, seal);
    let months = store.read("months", 601, |tx, month| {
        Box::pin(contradictions::sealed_in_months_before(tx, *month))
    });
    assert_eq!(months.await, Ok(1), "what was said meanwhile stays");
    let keys = store.read("keys", 1, |tx, key| {
        Box::pin(contradictions::sealed_with(tx, *key))
    });
    assert_eq!(keys.await, Ok(2));
    assert!(settle(store, (LI, one.id), settled(8)).await);
    let old = store.read("old", vec![LI, WU], |tx, people| {
        Box::pin(contradictions::old(tx, people, at(9, 0)))
    });
    let old = old.await.unwrap();
    assert_eq!(old, [(LI, one.id)], "what waits is kept");
    let forget = store.transaction("forget", old, |tx, old| {
        Box::pin(contradictions::forget(tx, old))
    });
    assert_eq!(forget.await, Ok(1));
}

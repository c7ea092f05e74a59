use domain::{EvidenceId, PersonId, ProposalId};
use store::disclosures::{self, DisclosureRecord};
use store::retention::{self, PassCursor};
use store::sunset::{self, ERASED};
use store::{StoreError, evidence, people};

use crate::record::Record;
use crate::sample::{LI, OFFICE, WU, at, contact, declaration, id};

/// Evidence about two people, and how old it is.
async fn two_people(store: &Record) {
    let all = vec![
        contact(1, LI, at(0, 8)),
        contact(2, LI, at(40, 8)),
        declaration(3, WU, at(0, 8)),
    ];
    let work = store.transaction("sample", all, |tx, all| {
        Box::pin(async move {
            people::touch(tx, [LI, WU]).await?;
            let all: Vec<_> = all.iter().collect();
            evidence::add(tx, &all).await?;
            Ok::<_, StoreError>(())
        })
    });
    work.await.unwrap();
}

async fn old(store: &Record, people: Vec<PersonId>, day: i64) -> Vec<(PersonId, EvidenceId)> {
    let read = store.read("old", (people, at(day, 0)), |tx, (people, before)| {
        Box::pin(retention::old_evidence(tx, people, *before))
    });
    let found = read.await.unwrap();
    found.iter().map(|piece| (piece.person, piece.id)).collect()
}

pub async fn what_is_over_is_found_and_deleted_and_nothing_else(store: &Record) {
    two_people(store).await;
    let everything = old(store, vec![LI, WU], 1000).await;
    assert_eq!(everything.len(), 3);
    assert_eq!(old(store, vec![WU], 1000).await, [(WU, id(3))]);
    assert_eq!(old(store, vec![LI, WU], -1000).await, []);
    let forget = vec![(LI, id(1)), (WU, id(7))];
    let work = store.transaction("forget", forget, |tx, forget| {
        Box::pin(retention::forget_evidence(tx, forget))
    });
    assert_eq!(work.await.unwrap(), 1);
    let left = old(store, vec![LI, WU], 1000).await;
    assert_eq!(left, [(LI, id(2)), (WU, id(3))]);
}

pub async fn a_walk_goes_on_where_it_was(store: &Record) {
    let read = |name: &'static str| {
        store.read("cursor", name, |tx, name| {
            Box::pin(retention::cursor(tx, name))
        })
    };
    assert_eq!(read("retention").await.unwrap(), None);
    let cursor = PassCursor {
        turn: "2020-02-17".to_owned(),
        after: Some(LI),
        seen: 500,
        forgotten: 7,
        is_finished: false,
    };
    let work = store.transaction("note", cursor.clone(), |tx, cursor| {
        Box::pin(retention::save_cursor(tx, "retention", cursor))
    });
    work.await.unwrap();
    assert_eq!(read("retention").await.unwrap(), Some(cursor));
    assert_eq!(read("another").await.unwrap(), None);
}

pub async fn a_disclosure_is_read_of_once_it_is_visible(store: &Record) {
    let disclosure = DisclosureRecord {
        id: ProposalId::from_u128(5),
        authority: OFFICE,
        recipient: "City Police".to_owned(),
        basis: "a law".to_owned(),
        people: 2,
        approved_at: at(0, 8),
        visible_at: at(2, 8),
        ends_at: at(9, 8),
    };
    for _ in 0..2 {
        let arguments = (disclosure.clone(), [LI, WU]);
        let work = store.transaction("add", arguments, |tx, (disclosure, people)| {
            Box::pin(disclosures::add(tx, disclosure, people))
        });
        work.await.unwrap();
    }
    let about = |day: i64| {
        store.read("about", (LI, at(day, 8)), |tx, (person, now)| {
            Box::pin(disclosures::about(tx, std::slice::from_ref(person), *now))
        })
    };
    assert_eq!(about(1).await.unwrap(), []);
    assert_eq!(about(2).await.unwrap(), [disclosure]);
    let visible = store.read("visible", at(3, 0), |tx, now| {
        Box::pin(disclosures::visible(tx, *now))
    });
    assert_eq!(visible.await.unwrap(), [(at(2, 8), 2)]);
}

pub async fn the_end_begins_once_and_erases_every_table(store: &Record) {
    two_people(store).await;
    let begin = async |number: u128, law: &str| {
        let arguments = (ProposalId::from_u128(number), law.to_owned());
        let work = store.transaction("begin", arguments, |tx, (id, law)| {
            Box::pin(sunset::begin(tx, *id, law, at(1, 0)))
        });
        work.await.unwrap()
    };
    assert!(begin(1, "a law").await);
    assert!(!begin(2, "another law").await);
    let mut erased = 0;
    for table in ERASED {
        let work = store.transaction("erase", table, |tx, table| Box::pin(table.erase(tx)));
        erased += work.await.unwrap();
        let count = store.read("count", table, |tx, table| Box::pin(table.count(tx)));
        assert_eq!(count.await.unwrap(), 0, "{}", table.name);
    }
    assert!(erased >= 5, "three facts and two people: {erased}");
    let finish = || {
        store.transaction("finish", at(2, 0), |tx, now| {
            Box::pin(sunset::finish(tx, *now))
        })
    };
    assert!(finish().await.unwrap());
    assert!(!finish().await.unwrap());
    let found = store.read("find", (), |tx, ()| Box::pin(sunset::find(tx)));
    let found = found.await.unwrap().unwrap();
    assert_eq!((&*found.law, found.finished_at), ("a law", Some(at(2, 0))));
}

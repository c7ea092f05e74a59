//! A full disk refuses writes, loses nothing, and works again when there is room.

use std::sync::Arc;

use domain::evidence::Dose;
use domain::{
    Evidence, EvidenceId, Fact, IdSource, PersonId, PolicyRef, Status, Timestamp, Verdict,
};

use super::SqlStore;
use crate::{Court, EvidenceBatch, Store, StoreError};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("record.db").display());
    let store = SqlStore::migrate(&url, &Zeroes).await.unwrap();
    limit_pages(&store, "PRAGMA max_page_count = 120").await;

    let mut acknowledged = Vec::new();
    let refused = loop {
        let number = acknowledged.len() as u128;
        assert!(number < 10_000, "the disk never filled up");
        // Several at once, so that they share a commit.
        let writes = (0..4).map(|writer| write(&store, number * 4 + writer));
        let outcomes = futures::future::join_all(writes).await;
        let Some(error) = outcomes.iter().find_map(|outcome| outcome.clone().err()) else {
            acknowledged.extend((0..4).map(|writer| number * 4 + writer));
            continue;
        };
        acknowledged.extend(
            (0..4)
                .filter(|writer| outcomes[*writer].is_ok())
                .map(|w| number * 4 + w as u128),
        );
        break error;
    };
    assert_eq!(refused, StoreError::DiskFull);
    assert!(refused.to_string().contains("free some space"), "{refused}");
    assert!(!acknowledged.is_empty());
    assert_eq!(missing(&store, &acknowledged).await, []);

    limit_pages(&store, "PRAGMA max_page_count = 1000000").await;
    write(&store, u128::MAX).await.unwrap();
    acknowledged.push(u128::MAX);
    drop(store);
    let again = SqlStore::open(&url, &Zeroes).await.unwrap();
    assert_eq!(missing(&again, &acknowledged).await, []);
}

async fn limit_pages(store: &SqlStore, pragma: &'static str) {
    let limit = store.database.write(pragma, |session, pragma| {
        Box::pin(session.script(pragma, "not on PostgreSQL"))
    });
    limit.await.unwrap();
}

async fn write(store: &SqlStore, number: u128) -> Result<(), StoreError> {
    let at = Timestamp::UNIX_EPOCH;
    let product = "a product with a rather long name, so that pages fill up".repeat(20);
    let evidence = Evidence {
        id: EvidenceId::from_u128(number),
        person: PersonId::from_u128(number),
        authority: domain::AuthorityId::from_u128(1),
        recorded_at: at,
        fact: Fact::vaccination(product, Dose::FIRST, at),
    };
    let batch = EvidenceBatch {
        evidence: vec![evidence],
        ..EvidenceBatch::default()
    };
    let verdict = Verdict {
        policy: PolicyRef {
            id: "sample".into(),
            version: 1,
        },
        status: Status::Undeclared,
        restrictions: Vec::new(),
        advice: Vec::new(),
        since: None,
        until: None,
        next_change: None,
    };
    let judge: crate::Judge = Arc::new(move |_| verdict.clone());
    let court = Court {
        look_back_from: at,
        reads_visits: false,
        now: at,
        judge,
    };
    store.append(batch, &court).await.map(drop)
}

async fn missing(store: &SqlStore, numbers: &[u128]) -> Vec<u128> {
    let mut missing = Vec::new();
    for number in numbers {
        let (person, id) = (PersonId::from_u128(*number), EvidenceId::from_u128(*number));
        if store.evidence(person, id).await.unwrap().is_none() {
            missing.push(*number);
        }
    }
    missing
}

struct Zeroes;

impl IdSource for Zeroes {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

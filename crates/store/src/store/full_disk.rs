//! A full disk refuses writes, loses nothing, and works again when there is room.

use domain::evidence::Dose;
use domain::{AuthorityId, Evidence, EvidenceId, Fact, IdSource, PersonId, Timestamp};

use super::Store;
use crate::{Result, StoreError, evidence, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("record.db").display());
    let store = Store::migrate(&url, &Zeroes).await.unwrap();
    limit_pages(&store, "PRAGMA max_page_count = 400").await;

    let mut acknowledged = Vec::new();
    let refused = loop {
        let number = acknowledged.len() as u128;
        assert!(number < 10_000, "the disk never filled up");
        // Several at once, so that they share a commit.
        let writes = (0..4).map(|writer| write(&store, number * 4 + writer));
        let outcomes = futures::future::join_all(writes).await;
        let done = (0..4).filter(|writer| outcomes[*writer].is_ok());
        acknowledged.extend(done.map(|writer| number * 4 + writer as u128));
        if let Some(error) = outcomes.into_iter().find_map(Result::err) {
            break error;
        }
    };
    assert_eq!(refused, StoreError::DiskFull);
    assert!(store.is_full());
    assert!(refused.to_string().contains("free some space"), "{refused}");
    assert!(!acknowledged.is_empty());
    assert_eq!(missing(&store, &acknowledged).await, []);

    limit_pages(&store, "PRAGMA max_page_count = 1000000").await;
    write(&store, u128::MAX).await.unwrap();
    acknowledged.push(u128::MAX);
    drop(store);
    let again = Store::open(&url, &Zeroes).await.unwrap();
    assert_eq!(missing(&again, &acknowledged).await, []);
}

async fn limit_pages(store: &Store, pragma: &'static str) {
    let limit = store.transaction("limit", pragma, |tx, pragma| {
        Box::pin(tx.script(pragma, "not on PostgreSQL"))
    });
    limit.await.unwrap();
}

async fn write(store: &Store, number: u128) -> Result<()> {
    let at = Timestamp::UNIX_EPOCH;
    let product = "a product with a rather long name, so that pages fill up".repeat(20);
    let piece = Evidence {
        id: EvidenceId::from_u128(number),
        person: PersonId::from_u128(number),
        authority: AuthorityId::from_u128(1),
        recorded_at: at,
        fact: Fact::vaccination(product, Dose::FIRST, at),
    };
    let work = store.transaction("write", piece, |tx, piece| {
        Box::pin(async {
            people::touch(tx, [piece.person]).await?;
            evidence::add(tx, &[piece]).await
        })
    });
    work.await.map(drop)
}

async fn missing(store: &Store, numbers: &[u128]) -> Vec<u128> {
    let mut missing = Vec::new();
    for number in numbers {
        let found = store.read("find", *number, |tx, number| {
            let (person, id) = (PersonId::from_u128(*number), EvidenceId::from_u128(*number));
            Box::pin(evidence::find(tx, person, id))
        });
        if found.await.unwrap().is_none() {
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

use std::panic::AssertUnwindSafe;

use domain::Timestamp;
use futures::FutureExt;
use store::{Result, Store, StoreError, Transaction, accounts, evidence, receipts};

use crate::bases::Base;
use crate::record::{self, Record};
use crate::sample::{LI, WU, account, at, contact, receipt};

/// Why a story's own work is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Deliberately,
    ByTheStore(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::ByTheStore(error)
    }
}

pub async fn what_a_transaction_writes_stays_together(store: &Record) {
    let both = store.transaction("both", at(0, 8), |tx, at| Box::pin(both(tx, *at)));
    assert_eq!(both.await, Ok(1), "it sees what it wrote");
    assert_eq!(store.evidence_of(LI, at(0, 0)).await.unwrap().len(), 1);
    assert!(store.receipt(receipt(1).request).await.unwrap().is_some());
}

pub async fn work_that_refuses_leaves_nothing_behind(store: &Record) {
    let refused = store.transaction("refused", at(0, 8), |tx, at| {
        Box::pin(async {
            both(tx, *at).await?;
            Err::<(), Refused>(Refused::Deliberately)
        })
    });
    assert_eq!(refused.await, Err(Refused::Deliberately), "its own error");
    nothing_is_there_and_the_store_works_on(store).await;
}

pub async fn a_panic_in_a_transaction_leaves_nothing_behind(store: &Record) {
    let attempt = store.transaction("broken", at(0, 8), |tx, at| {
        Box::pin(async {
            both(tx, *at).await?;
            broken()
        })
    });
    let outcome = AssertUnwindSafe(attempt).catch_unwind().await;
    let Ok(Err(StoreError::Database(said))) = outcome else {
        panic!("the caller is told, not taken down: {outcome:?}");
    };
    assert!(said.contains("panicked"), "{said}");
    nothing_is_there_and_the_store_works_on(store).await;
}

pub async fn work_that_goes_on_after_a_refused_statement_is_undone(store: &Record) {
    store.open_account(account(1, WU)).await.unwrap();
    let attempt = store.transaction("careless", at(0, 8), |tx, at| {
        Box::pin(async {
            both(tx, *at).await?;
            drop(accounts::add(tx, &[&account(1, LI)]).await);
            Ok::<_, StoreError>(())
        })
    });
    let outcome = attempt.await;
    assert!(
        matches!(outcome, Err(StoreError::Database(_))),
        "{outcome:?}"
    );
    let taken = account(1, WU);
    assert_eq!(store.account(taken.id).await, Ok(Some(taken)));
    nothing_is_there_and_the_store_works_on(store).await;
}

pub async fn a_statement_that_is_refused_says_no_value_of_its_row(store: &Record) {
    store.open_account(account(0x5a, WU)).await.unwrap();
    let refused = store.open_account(account(0x5a, LI)).await;
    let said = refused.unwrap_err().to_string();
    assert!(!said.to_lowercase().contains("5a5a"), "{said}");
    assert!(!said.contains(&LI.to_string()), "{said}");
}

pub async fn the_time_is_that_of_the_database(base: Base) {
    let before = base.clock().await;
    let time: Timestamp = base.store.time().await.unwrap();
    let after = base.clock().await;
    let time = time.as_millisecond();
    assert!((before..=after).contains(&time), "{before} {time} {after}");
    base.remove().await;
}

pub async fn a_sound_database_is_healthy(store: &Record) {
    let health = store.health().await.unwrap();
    let known = ["sqlite 3", "postgresql 1"];
    let is_known = known.iter().any(|known| health.engine.starts_with(known));
    assert!(is_known, "{health:?}");
    assert_eq!(health.schema, Store::NEWEST_SCHEMA);
    assert!(health.bytes > Some(0), "{health:?}");
    assert!(!health.is_standby, "{health:?}");
    assert_eq!(store.damage().await, Ok(None));
}

async fn nothing_is_there_and_the_store_works_on(store: &Record) {
    assert_eq!(store.evidence_of(LI, at(0, 0)).await, Ok(vec![]));
    assert_eq!(store.people_after(None, 10).await, Ok(vec![]));
    assert_eq!(store.receipt(receipt(1).request).await, Ok(None));
    what_a_transaction_writes_stays_together(store).await;
}

/// A receipt and evidence about Li; how many pieces there are then.
async fn both(tx: &mut Transaction, at: Timestamp) -> Result<usize> {
    receipts::claim(tx, &[receipt(1)]).await?;
    record::append(tx, &[contact(1, LI, at)]).await?;
    Ok(evidence::of(tx, LI, at).await?.len())
}

fn broken() -> Result<()> {
    panic!("this work is broken on purpose")
}

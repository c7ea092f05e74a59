//! Requests that wait at the same time share a transaction, and each is answered alone.
//!
//! These tests run on one thread: what is asked before the first answer is awaited waits together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use futures::future::join_all;
use store::{Batches, ChangeNumber, Limits, Result, StoreError, Transaction, accounts, changes};

use crate::bases::{self, Base};
use crate::record;
use crate::sample::{LI, WU, account, at, contact};
use crate::stories::transactions::Refused;

const ALL_TOGETHER: Limits = Limits {
    together: 100,
    at_once: 1,
    waiting: 100,
};

/// What is asked about a person, and how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    /// One more piece of evidence.
    Fine(u128),
    /// It is refused by a rule, before anything is written.
    Refused(u128),
    /// The database refuses it, after it was written.
    Impossible(u128),
    /// It panics, after it was written.
    Broken(u128),
}

type Outcome = Result<ChangeNumber, Refused>;

#[tokio::test]
async fn requests_that_wait_together_share_a_transaction() {
    for base in [bases::sqlite().await, bases::postgres().await] {
        let batches = start(&base, ALL_TOGETHER);
        let outcomes = join_all((1..=20).map(|number| batches.run(Request::Fine(number)))).await;
        assert!(outcomes[0].is_ok());
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
        assert_eq!(written(&base).await, Vec::from_iter(1..=20));

        let few = start(
            &base,
            Limits {
                together: 5,
                ..ALL_TOGETHER
            },
        );
        let requests = (21..=40).map(|number| few.run(Request::Fine(number)));
        let mut numbers = join_all(requests).await;
        numbers.dedup();
        assert_eq!(numbers.len(), 4, "five in each transaction");
        drop((batches, few));
        base.remove().await;
    }
}

#[tokio::test]
async fn one_that_is_refused_takes_no_other_with_it() {
    for base in [bases::sqlite().await, bases::postgres().await] {
        let batches = start(&base, ALL_TOGETHER);
        let requests = [
            Request::Fine(1),
            Request::Refused(2),
            Request::Fine(3),
            Request::Refused(4),
        ];
        let outcomes = join_all(requests.map(|request| batches.run(request))).await;
        assert!(outcomes[0].is_ok());
        let expected = [
            outcomes[0].clone(),
            Err(Refused::Deliberately),
            outcomes[0].clone(),
            Err(Refused::Deliberately),
        ];
        assert_eq!(outcomes, expected, "in one transaction");
        assert_eq!(written(&base).await, [1, 3]);
        drop(batches);
        base.remove().await;
    }
}

#[tokio::test]
async fn one_that_cannot_be_carried_out_takes_no_other_with_it() {
    for base in [bases::sqlite().await, bases::postgres().await] {
        base.store.open_account(account(TAKEN, WU)).await.unwrap();
        let batches = start(&base, ALL_TOGETHER);
        for (round, bad) in [Request::Impossible, Request::Broken]
            .into_iter()
            .enumerate()
        {
            let first = 10 * round as u128;
            let requests = (first..first + 10).map(|number| match number % 10 {
                4 | 7 => bad(number),
                _ => Request::Fine(number),
            });
            let outcomes = join_all(requests.map(|request| batches.run(request))).await;
            for (place, outcome) in outcomes.into_iter().enumerate() {
                match place {
                    4 | 7 => assert!(
                        matches!(outcome, Err(Refused::ByTheStore(StoreError::Database(_)))),
                        "{outcome:?}"
                    ),
                    _ => assert!(outcome.is_ok(), "{place}: {outcome:?}"),
                }
            }
        }
        let expected: Vec<u128> = (0..20)
            .filter(|number| ![4, 7].contains(&(number % 10)))
            .collect();
        assert_eq!(written(&base).await, expected);
        drop(batches);
        base.remove().await;
    }
}

#[tokio::test]
async fn a_caller_that_has_left_is_not_carried_out() {
    for base in [bases::sqlite().await, bases::postgres().await] {
        let batches = start(&base, ALL_TOGETHER);
        // Asked, and gone before its turn came.
        assert_eq!(batches.run(Request::Fine(1)).now_or_never(), None);
        let stayed = batches.run(Request::Fine(2)).await;
        assert!(stayed.is_ok(), "{stayed:?}");
        assert_eq!(written(&base).await, [2]);
        drop(batches);
        base.remove().await;
    }
}

#[tokio::test]
async fn a_busy_database_is_asked_once_for_all() {
    let base = bases::sqlite().await;
    let other = rusqlite::Connection::open(base.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let context = {
        let asked = Arc::clone(&asked);
        move || Ok(Arc::new(asked.fetch_add(1, Ordering::SeqCst)))
    };
    let store = Arc::clone(&base.store.0);
    let batches: Batches<Request, ChangeNumber, Refused> = Batches::start(
        store,
        "story",
        ALL_TOGETHER,
        context,
        |tx, (_, requests)| Box::pin(carry_out(tx, requests)),
    );
    let requests = (1..=3).map(|number| batches.run(Request::Fine(number)));
    for outcome in join_all(requests).await {
        let Err(Refused::ByTheStore(StoreError::Busy(_))) = outcome else {
            panic!("{outcome:?}");
        };
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one transaction was tried");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(batches.run(Request::Fine(4)).await.is_ok());
    assert_eq!(written(&base).await, [4]);
}

#[tokio::test]
async fn what_requests_share_is_asked_before_each_transaction() {
    for base in [bases::sqlite().await, bases::postgres().await] {
        let asked = Arc::new(AtomicUsize::new(0));
        let context = {
            let asked = Arc::clone(&asked);
            move || match asked.fetch_add(1, Ordering::SeqCst) {
                1 => Err(Refused::Deliberately),
                number => Ok(Arc::new(number)),
            }
        };
        let store = Arc::clone(&base.store.0);
        let batches: Batches<(), usize, Refused> = Batches::start(
            store,
            "story",
            ALL_TOGETHER,
            context,
            |_, (number, requests)| {
                Box::pin(async { Ok(requests.iter().map(|()| Ok(**number)).collect()) })
            },
        );
        for expected in [Ok(0), Err(Refused::Deliberately), Ok(2)] {
            assert_eq!(batches.run(()).await, expected);
        }
        drop(batches);
        base.remove().await;
    }
}

/// A token that somebody has.
const TAKEN: u8 = 1;

fn start(base: &Base, limits: Limits) -> Batches<Request, ChangeNumber, Refused> {
    let store = Arc::clone(&base.store.0);
    let context = || Ok(Arc::new(()));
    Batches::start(store, "story", limits, context, |tx, (_, requests)| {
        Box::pin(carry_out(tx, requests))
    })
}

/// Carries requests out; all of them get the number of the transaction.
async fn carry_out(tx: &mut Transaction, requests: &[Request]) -> Result<Vec<Outcome>, Refused> {
    let change = changes::draw(tx).await?;
    let mut outcomes = Vec::new();
    for request in requests {
        let outcome = match *request {
            Request::Refused(_) => Err(Refused::Deliberately),
            Request::Fine(number) | Request::Impossible(number) | Request::Broken(number) => {
                record::append(tx, &[contact(number, LI, at(0, 8))]).await?;
                Ok(change)
            }
        };
        match request {
            Request::Impossible(_) => {
                accounts::add(tx, &[&account(TAKEN, LI)]).await?;
            }
            Request::Broken(_) => panic!("this request is broken on purpose"),
            Request::Fine(_) | Request::Refused(_) => {}
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

async fn written(base: &Base) -> Vec<u128> {
    let evidence = base.store.evidence_of(LI, at(0, 0)).await.unwrap();
    let mut numbers: Vec<u128> = evidence.iter().map(|piece| piece.id.as_u128()).collect();
    numbers.sort_unstable();
    numbers
}

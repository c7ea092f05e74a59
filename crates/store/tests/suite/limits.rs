//! What waits or works for too long is ended, and its caller may ask again.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use store::{Batches, Limits, Result, Store, StoreError, people};

use crate::bases;
use crate::record::Record;
use crate::sample::{LI, WU};

/// Longer than a transaction may take, and shorter.
const TOO_LONG: u64 = 10_000;
const SHORT: u64 = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_in_which_nothing_happens_loses_its_locks_and_is_undone() {
    let base = bases::postgres().await;
    let store = Arc::clone(&base.store.0);
    let stuck = tokio::spawn(async move { idle(&store, TOO_LONG).await });
    tokio::time::sleep(Duration::from_millis(8_800)).await;
    assert!(!stuck.is_finished());
    let others = base.store.touch(vec![LI]).await;
    assert_eq!(others.unwrap()[&LI], 1, "the lock is free while it sleeps");
    let outcome = stuck.await.unwrap();
    let Err(error) = outcome else {
        panic!("it was committed after {TOO_LONG} ms")
    };
    assert!(error.is_temporary(), "{error:?}");
    assert_eq!(base.store.touch(vec![LI]).await.unwrap()[&LI], 2);

    idle(&base.store.0, SHORT).await.unwrap();
    assert_eq!(base.store.touch(vec![LI]).await.unwrap()[&LI], 4);
    base.remove().await;
}

/// A touch of Li, a pause, and another statement.
async fn idle(store: &Store, pause: u64) -> Result<()> {
    let work = store.transaction("idle", pause, |tx, pause| {
        Box::pin(async {
            people::touch(tx, [LI]).await?;
            tokio::time::sleep(Duration::from_millis(*pause)).await;
            people::touch(tx, [WU]).await.map(drop)
        })
    });
    work.await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_works_for_too_long_is_undone() {
    let base = bases::postgres().await;
    for (pieces, is_done) in [(18, false), (3, true)] {
        let work = base.store.transaction("slow", pieces, |tx, pieces| {
            Box::pin(async {
                for _ in 0..*pieces {
                    people::touch(tx, [LI]).await?;
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                Ok(())
            })
        });
        let outcome: Result<()> = work.await;
        match outcome {
            Ok(()) => assert!(is_done),
            Err(error) => assert!(
                !is_done && matches!(&error, StoreError::Busy(why) if why.contains("undone")),
                "{error:?}"
            ),
        }
    }
    assert_eq!(base.store.touch(vec![LI]).await.unwrap()[&LI], 4, "3 and 1");
    base.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_a_lock_for_too_long_is_told_to_ask_again() {
    let base = bases::postgres().await;
    base.store.touch(vec![LI]).await.unwrap();
    let other = crate::behind::server(&base.url).await.unwrap();
    let lock = "BEGIN; UPDATE person SET revision = revision";
    other.batch_execute(lock).await.unwrap();
    let refused = base.store.touch(vec![LI]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Busy(_)), "{refused:?}");
    other.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(base.store.touch(vec![LI]).await.unwrap()[&LI], 2);
    base.remove().await;
}

/// Takes half a minute, since a statement is given as much.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_reads_for_too_long_is_ended() {
    let base = bases::postgres().await;
    let schema = base.schema();
    // What the server says of itself is looked up in this schema first.
    let slow = format!(
        "CREATE FUNCTION {schema}.pg_is_in_recovery() RETURNS boolean LANGUAGE sql \
         AS 'SELECT pg_sleep(120) IS NULL'"
    );
    base.tamper(&slow).await;
    let url = format!("{},pg_catalog", base.url);
    let slow = Record::open(&url).await.unwrap();
    let refused = slow.health().await.unwrap_err();
    assert!(matches!(refused, StoreError::Busy(_)), "{refused:?}");
    assert_eq!(slow.touch(vec![LI]).await.unwrap()[&LI], 1, "it works on");
    drop(slow);
    base.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_a_reader_for_too_long_is_told_to_ask_again() {
    let base = bases::sqlite().await;
    let slow = |number: u8| {
        let read = base.store.read("slow", number, |_, _| {
            Box::pin(async {
                std::thread::sleep(Duration::from_secs(8));
                Ok::<_, StoreError>(())
            })
        });
        async move { read.await.is_ok() }
    };
    let outcomes = join_all((0..6).map(slow)).await;
    let refused = outcomes.iter().filter(|is_done| !**is_done).count();
    assert_eq!(refused, 2, "four are read at once");
    assert!(base.store.people_after(None, 1).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_turn_does_not_come_is_told_to_ask_again() {
    let base = bases::sqlite().await;
    let store = Arc::clone(&base.store.0);
    let slow = tokio::spawn(async move {
        let write = store.transaction("slow", (), |tx, ()| {
            Box::pin(async {
                std::thread::sleep(Duration::from_secs(7));
                people::touch(tx, [WU]).await.map(drop)
            })
        });
        write.await
    });
    // Until the writer has begun with it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let late = base.store.touch(vec![LI]);
    let in_time = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        base.store.touch(vec![LI]).await
    };
    let (late, in_time) = tokio::join!(late, in_time);
    assert!(matches!(&late, Err(StoreError::Busy(_))), "{late:?}");
    assert_eq!(in_time.unwrap()[&LI], 1, "the one before it was not run");
    assert_eq!(slow.await.unwrap(), Ok(()), "it is carried out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_turn_does_not_come_is_told_to_ask_again() {
    const ONE_BY_ONE: Limits = Limits {
        together: 1,
        at_once: 1,
        waiting: 1,
    };
    let base = bases::postgres().await;
    let store = Arc::clone(&base.store.0);
    let context = || Ok(Arc::new(()));
    let batches: Batches<(), (), StoreError> =
        Batches::start(store, "slow", ONE_BY_ONE, context, |_, (_, requests)| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(6)).await;
                Ok(requests.iter().map(|()| Ok(())).collect())
            })
        });
    let outcomes = join_all((0..4).map(|_| batches.run(()))).await;
    let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    let refused: Vec<_> = refused.collect();
    assert_eq!(refused.len(), 3, "the first is carried out: {outcomes:?}");
    let are_busy = refused
        .iter()
        .all(|error| matches!(error, StoreError::Busy(_)));
    assert!(are_busy, "{refused:?}");
    assert_eq!(batches.run(()).await, Ok(()), "those behind it are not");
    drop(batches);
    base.remove().await;
}

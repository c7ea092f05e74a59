//! What happens when the database is not there, goes away, or refuses one of many writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::PersonId;
use futures::future::join_all;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use store::{EvidenceBatch, SqlStore, Store, StoreError};

use crate::bases;
use crate::sample::{Counting, LI, at, batch, contact, court, id, key};

#[tokio::test]
async fn an_address_that_names_no_database_is_refused() {
    for url in [
        "",
        "mysql://localhost/x",
        "sqlite:",
        "sqlite::memory:",
        "record.db",
    ] {
        assert_eq!(
            SqlStore::open(url, &Counting).await.err(),
            Some(StoreError::BadAddress),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_dead_server_is_named_with_a_remedy_and_without_the_password() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("postgres://health:secret@127.0.0.1:{port}/record");
    let Err(error) = SqlStore::open(&url, &Counting).await else {
        panic!("nothing is there")
    };
    assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
    let said = error.to_string();
    assert!(
        said.contains("Check that it runs and that the address is right"),
        "{said}"
    );
    assert!(!said.contains("secret"), "{said}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let url = "sqlite:/nowhere/at/all/record.db";
    let Err(error) = SqlStore::migrate(url, &Counting).await else {
        panic!("nothing is there")
    };
    assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let letter = "Dear Sir or Madam, ".repeat(100);
    std::fs::write(&path, &letter).unwrap();
    let url = format!("sqlite:{}", path.display());
    assert!(SqlStore::open(&url, &Counting).await.is_err());
    assert!(SqlStore::migrate(&url, &Counting).await.is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

/// On SQLite these writes share commits.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_takes_no_other_with_it() {
    for base in [bases::sqlite().await, bases::postgres().await] {
        let used = EvidenceBatch {
            request: Some(key(1)),
            ..batch([contact(0, LI, at(0, 8))])
        };
        base.store.append(used, &court(at(0, 9))).await.unwrap();
        let writers = (1..=60).map(|number| {
            let store = &base.store;
            async move {
                let mut write = batch([contact(number, LI, at(0, 8))]);
                write.request = (number % 3 == 0).then_some(key(1));
                store.append(write, &court(at(0, 9))).await.is_ok()
            }
        });
        let outcomes = join_all(writers).await;
        for (number, done) in (1..=60).zip(outcomes) {
            // Every third says exactly what was said under the key before, under another
            // identifier: that is the same request.
            assert!(done, "{number}");
            let there = base.store.evidence(LI, id(number)).await.unwrap().is_some();
            assert_eq!(there, number % 3 != 0, "{number}");
        }
        let writers = (100..=160).map(|number| {
            let store = &base.store;
            async move {
                let mut write = batch([contact(number, LI, at(0, 7))]);
                write.request = (number % 3 == 0).then_some(key(1));
                (
                    number,
                    store.append(write, &court(at(0, 9))).await.map(drop),
                )
            }
        });
        for (number, outcome) in join_all(writers).await {
            let expected = if number % 3 == 0 {
                Err(StoreError::KeyReused(key(1)))
            } else {
                Ok(())
            };
            assert_eq!(outcome, expected, "{number}");
            let there = base.store.evidence(LI, id(number)).await.unwrap().is_some();
            assert_eq!(there, number % 3 != 0, "{number}");
        }
        base.remove().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_the_middle_loses_nothing_and_counts_nothing_twice() {
    const PEOPLE: u128 = 8;
    const WRITES: u128 = 60;
    let base = bases::postgres().await;
    let name = format!("healthcode_cut_{}", std::process::id());
    let url = format!("{}&application_name={name}", base.url);
    let store = SqlStore::open(&url, &Counting).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let cutter = tokio::spawn(cut_connections(name, Arc::clone(&stop)));

    let writers = (0..PEOPLE).map(|writer| {
        let store = &store;
        async move {
            let person = PersonId::from_u128(writer);
            for number in 0..WRITES {
                let piece = contact(number, person, at(0, 8));
                let write = EvidenceBatch {
                    request: Some(key(writer * WRITES + number)),
                    ..batch([piece])
                };
                // The caller asks again until it hears an answer, as a phone does.
                while let Err(error) = store.append(write.clone(), &court(at(0, 9))).await {
                    assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
                }
                let there = store.evidence(person, id(number)).await;
                assert!(!matches!(there, Ok(None)), "an acknowledged write is gone");
            }
        }
    });
    join_all(writers).await;
    stop.store(true, Ordering::SeqCst);
    let cut = cutter.await.unwrap();
    assert!(cut > 0, "no connection was cut");

    for writer in 0..PEOPLE {
        let person = PersonId::from_u128(writer);
        let evidence = base.store.evidence_of(person, at(0, 0)).await.unwrap();
        assert_eq!(evidence.len() as u128, WRITES);
        let verdict = base
            .store
            .verdict_of(person)
            .await
            .unwrap()
            .unwrap()
            .verdict;
        assert_eq!(
            verdict.restrictions[0].finding.evidence.len() as u128,
            WRITES
        );
    }
    let told = base.store.outbox(100).await.unwrap();
    assert_eq!(
        told.len() as u128,
        PEOPLE,
        "each first restriction is told once"
    );
    base.remove().await;
}

/// Ends the connections of one store a few times; returns how many.
async fn cut_connections(name: String, stop: Arc<AtomicBool>) -> i64 {
    let mut connection = PgConnection::connect(bases::server().await).await.unwrap();
    let mut cut = 0;
    for _ in 0..20 {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let ended = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                     WHERE application_name = $1";
        let ended: i64 = sqlx::query_scalar(ended)
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        cut += ended;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    cut
}

//! What happens when the database is not there, goes away, or refuses one of many writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::PersonId;
use futures::future::join_all;
use store::{ColourChange, Result, Store, StoreError, Transaction, outbox, receipts};

use crate::record::{self, Record};
use crate::sample::{Counting, LI, WU, account, at, contact, id, receipt};
use crate::stories::YELLOW;
use crate::stories::transactions::Refused;
use crate::{bases, behind};

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
            Store::open(url, &Counting).await.err(),
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
    let Err(error) = Store::open(&url, &Counting).await else {
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
    let Err(error) = Store::migrate(url, &Counting).await else {
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
    assert!(Store::open(&url, &Counting).await.is_err());
    assert!(Store::migrate(&url, &Counting).await.is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

/// On SQLite these transactions share commits.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_fails_takes_no_other_with_it() {
    for base in [bases::sqlite().await, bases::postgres().await] {
        base.store.open_account(account(1, WU)).await.unwrap();
        let writers = (1..=60_u128).map(|number| {
            base.store.transaction("some fail", number, |tx, number| {
                Box::pin(some_fail(tx, *number))
            })
        });
        for (number, outcome) in (1..=60).zip(join_all(writers).await) {
            match number % 3 {
                0 => assert_eq!(outcome, Err(Refused::Deliberately), "{number}"),
                1 => assert!(
                    matches!(outcome, Err(Refused::ByTheStore(StoreError::Database(_)))),
                    "{number}: {outcome:?}"
                ),
                _ => assert_eq!(outcome, Ok(()), "{number}"),
            }
            let there = base.store.evidence(LI, id(number)).await.unwrap().is_some();
            assert_eq!(there, number % 3 == 2, "{number}");
        }
        base.remove().await;
    }
}

/// Writes evidence; of three one refuses afterwards and one is refused.
async fn some_fail(tx: &mut Transaction, number: u128) -> Result<(), Refused> {
    record::append(tx, &[contact(number, LI, at(0, 8))]).await?;
    match number % 3 {
        0 => Err(Refused::Deliberately),
        1 => Ok(store::accounts::add(tx, &[&account(1, LI)]).await?),
        _ => Ok(()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_the_middle_loses_nothing_and_counts_nothing_twice() {
    const PEOPLE: u8 = 8;
    const WRITES: u8 = 30;
    let base = bases::postgres().await;
    let name = format!("healthcode_cut_{}", std::process::id());
    let url = format!("{}&application_name={name}", base.url);
    let store = Record::open(&url).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let cutter = tokio::spawn(cut_connections(name, Arc::clone(&stop)));

    let writers = (0..PEOPLE).map(|writer| {
        let store = &store;
        async move {
            let person = PersonId::from_u128(writer.into());
            for number in 0..WRITES {
                let request = (person, writer * WRITES + number);
                // The caller asks again until it hears an answer, as a phone does.
                while let Err(error) = counted_once(store, request).await {
                    assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
                }
                let there = store.evidence(person, id(request.1.into())).await;
                assert!(!matches!(there, Ok(None)), "an acknowledged write is gone");
            }
        }
    });
    join_all(writers).await;
    stop.store(true, Ordering::SeqCst);
    let cut = cutter.await.unwrap();
    assert!(cut > 0, "no connection was cut");

    for writer in 0..PEOPLE {
        let person = PersonId::from_u128(writer.into());
        let evidence = base.store.evidence_of(person, at(0, 0)).await.unwrap();
        assert_eq!(evidence.len(), usize::from(WRITES));
        let revisions = base.store.touch(vec![person]).await.unwrap();
        assert_eq!(revisions[&person], i64::from(WRITES) + 1, "each once");
    }
    let messages = base.store.outbox(1_000).await.unwrap();
    assert_eq!(messages.len(), usize::from(PEOPLE) * usize::from(WRITES));
    base.remove().await;
}

/// A request that comes with a receipt, and whose message would be sent twice if it counted twice.
async fn counted_once(store: &Record, request: (PersonId, u8)) -> Result<()> {
    let work = store.transaction("counted once", request, |tx, (person, number)| {
        Box::pin(async {
            if receipts::claim(tx, &[receipt(*number)]).await?.is_empty() {
                return Ok(());
            }
            let number = u128::from(*number);
            record::append(tx, &[contact(number, *person, at(0, 8))]).await?;
            let message = ColourChange {
                person: *person,
                id: id(number),
                before: None,
                after: YELLOW,
                at: at(0, 9),
            };
            outbox::add(tx, &[message]).await
        })
    });
    work.await
}

/// Ends the connections of one store a few times; returns how many.
async fn cut_connections(name: String, stop: Arc<AtomicBool>) -> u64 {
    let client = behind::server(bases::server().await).await.unwrap();
    let mut cut = 0;
    for _ in 0..20 {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE application_name = $1";
        cut += client.execute(ended, &[&name]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    cut
}

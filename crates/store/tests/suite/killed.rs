//! What was acknowledged is there after kill -9, on both databases.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use domain::PersonId;
use store::{ColourChange, Result, Transaction, outbox};

use crate::bases::{self, Base};
use crate::record::{self, Record};
use crate::sample::{at, contact, id};
use crate::stories::YELLOW;

const CHILD_DATABASE: &str = "HEALTHCODE_TEST_CHILD_DATABASE";
const ROUNDS: u128 = 3;
const WRITERS: u128 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_nothing_acknowledged_on_sqlite() {
    kill_9_loses_nothing_acknowledged(bases::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_nothing_acknowledged_on_postgres() {
    kill_9_loses_nothing_acknowledged(bases::postgres().await).await;
}

async fn kill_9_loses_nothing_acknowledged(base: Base) {
    for round in 0..ROUNDS {
        let acknowledged = write_until_killed(&base.url, round);
        assert!(
            acknowledged.len() >= 300,
            "the child wrote {} times",
            acknowledged.len()
        );
        let store = Record::open(&base.url).await.unwrap();
        let messages = store.outbox(u32::MAX).await.unwrap();
        for (person, number) in acknowledged {
            let there = store.evidence(person, id(number)).await.unwrap();
            assert_eq!(there, Some(contact(number, person, at(0, 8))));
            let message = message(person, number);
            assert!(messages.contains(&message), "written with the evidence");
        }
    }
    base.remove().await;
}

/// Runs this program again as a writer, kills it in the middle of its work, and returns what it
/// had acknowledged.
fn write_until_killed(url: &str, round: u128) -> Vec<(PersonId, u128)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child_that_writes_until_it_is_killed"])
        .args(["--ignored", "--nocapture"])
        .env(CHILD_DATABASE, format!("{round} {url}"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    let mut killed = false;
    for line in lines {
        let line = line.unwrap();
        let Some((_, numbers)) = line.split_once("acknowledged ") else {
            continue;
        };
        // The last line may be cut short by the kill.
        let Some((person, number)) = numbers.split_once(' ') else {
            continue;
        };
        let Some(number) = number.strip_suffix('.') else {
            continue;
        };
        acknowledged.push((person.parse().unwrap(), number.parse().unwrap()));
        if acknowledged.len() == 300 && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    let status = child.wait().unwrap();
    assert!(
        killed && !status.success(),
        "the child ended by itself: {status}"
    );
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in a process of its own"]
#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told its database this way"
)]
async fn child_that_writes_until_it_is_killed() {
    let given = std::env::var(CHILD_DATABASE).expect("given by the parent");
    let (round, url) = given.split_once(' ').unwrap();
    let round: u128 = round.parse().unwrap();
    let store = Record::open(url).await.unwrap();
    let writers = (0..WRITERS).map(|writer| {
        let store = &store;
        async move {
            let person = PersonId::from_u128(round * WRITERS + writer);
            for number in 1..1_000_000u128 {
                let write = store.transaction("write", (person, number), |tx, write| {
                    Box::pin(write_both(tx, *write))
                });
                write.await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "acknowledged {person} {number}.").unwrap();
                out.flush().unwrap();
            }
        }
    });
    futures::future::join_all(writers).await;
}

pub async fn write_both(tx: &mut Transaction, (person, number): (PersonId, u128)) -> Result<()> {
    record::append(tx, &[contact(number, person, at(0, 8))]).await?;
    outbox::add(tx, &[message(person, number)]).await
}

pub fn message(person: PersonId, number: u128) -> ColourChange {
    ColourChange {
        person,
        id: id(number),
        before: None,
        after: YELLOW,
        at: at(0, 8),
    }
}

//! How long forgetting takes, and whether codes are slower meanwhile: `cargo run --release -p service
//! --example forgetting -- sqlite:PATH|postgres://… [--people N] [--facts N]`.
//!
//! An empty database gets so many people with so many facts each that still count, and one in thirty of
//! them with a fact whose time is over: what a day leaves behind. Then the worker goes over everybody once,
//! while somebody fetches a code again and again, and reads what the page with the code says: status, reasons
//! and evidence, from the database. Prints one JSON object.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::evidence::{Period, Relation, Ring};
use domain::{
    AuthorityId, Clock, Evidence, EvidenceId, Fact, IdSource, PersonId, SystemClock, Timestamp,
};
use jiff::SignedDuration;
use service::{Operator, Publisher, Resident, Service};
use store::{Store, Transaction, evidence, people, retention};

use founding::{Failure, Founded, Sequence, somebody};

const AT_ONCE: u64 = 5_000;
/// Codes fetched before the worker begins.
const BEFORE: usize = 2_000;
const USAGE: &str = "forgetting DATABASE_URL [--people N] [--facts N]";

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    founding::run(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let ids = Arc::new(Sequence::from_clock());
    let store = Arc::new(Store::migrate(&arguments.database, &*ids).await?);
    let city = Founded::on(Arc::clone(&store), Arc::clone(&ids), |_| {});
    let Founded { service } = city.await?;
    // Fetching the code proves nothing.
    let policy = founding::POLICY.replace("needs = \"phone\"", "needs = \"claimed\"");
    let policy = policy.replacen("version = ", "version = 9", 1);
    let operator = Operator::at_the_command_line("the load generator");
    let publishing = &service.publishing;
    publishing
        .publish_policy(&Publisher::from(&operator), &policy)
        .await?;
    service.reevaluation.decide_everybody().await?;
    let registered = service.people.register(somebody(&ids)?).await?;
    let resident = service.access.resident(&registered.token).await?;
    let health = founding::officer(&service).await?.authority().id;
    let over = fill(arguments, &store, &ids, health).await?;

    let is_done = Arc::new(AtomicBool::new(false));
    let (mut before, mut page_before) = fetch(&service, &resident, || false).await?;
    let fetching = {
        let (service, resident) = (Arc::clone(&service), resident.clone());
        let is_done = Arc::clone(&is_done);
        tokio::spawn(async move {
            fetch(&service, &resident, || !is_done.load(Ordering::Relaxed)).await
        })
    };
    let begin = Instant::now();
    while service.forgetting.forget_next().await? {}
    let took = begin.elapsed();
    is_done.store(true, Ordering::Relaxed);
    let (mut during, mut page_during) = fetching.await??;
    let cursor = store.read("forgetting.cursor", (), |tx: &mut Transaction, ()| {
        Box::pin(retention::cursor(tx, "retention"))
    });
    let forgotten = cursor.await?.map_or(0, |cursor| cursor.forgotten);
    if forgotten != over {
        return Err(format!("{forgotten} of {over} facts were forgotten").into());
    }
    let line = serde_json::json!({
        "what": "forgetting what a day leaves behind",
        "database": arguments.database.split(':').next(),
        "people": arguments.people,
        "facts": arguments.people * arguments.facts,
        "over": over,
        "took_s": took.as_secs_f64(),
        "people_per_second": arguments.people as f64 / took.as_secs_f64(),
        "code_p99_ms_before": milliseconds(&mut before, 99),
        "code_p99_ms_during": milliseconds(&mut during, 99),
        "page_p50_ms_before": milliseconds(&mut page_before, 50),
        "page_p50_ms_during": milliseconds(&mut page_during, 50),
        "page_p99_ms_before": milliseconds(&mut page_before, 99),
        "page_p99_ms_during": milliseconds(&mut page_during, 99),
    });
    println!("{line}");
    Ok(())
}

/// Fills the record; how many facts are over.
async fn fill(
    arguments: &Arguments,
    store: &Store,
    ids: &Sequence,
    health: AuthorityId,
) -> Result<u64, Failure> {
    let now = SystemClock.now();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let (mut over, mut facts, mut of) = (0, Vec::new(), Vec::new());
    for number in 0..arguments.people {
        let person = PersonId::generate(ids as &dyn IdSource);
        of.push(person);
        if number % 30 == 0 {
            facts.push(contact(person, health, now - days(61), ids)?);
            over += 1;
        }
        for _ in 0..arguments.facts {
            facts.push(contact(person, health, now - days(3), ids)?);
        }
        if of.len() as u64 == AT_ONCE || number + 1 == arguments.people {
            let rows = (std::mem::take(&mut of), std::mem::take(&mut facts));
            let write = store.transaction(
                "forgetting.fill",
                rows,
                |tx: &mut Transaction, (of, facts)| {
                    Box::pin(async move {
                        people::touch(tx, of.iter().copied()).await?;
                        let facts: Vec<&Evidence> = facts.iter().collect();
                        evidence::add(tx, &facts).await?;
                        Ok::<_, store::StoreError>(())
                    })
                },
            );
            write.await?;
        }
    }
    Ok(over)
}

/// Shared a venue for an hour, and that is known since.
fn contact(
    person: PersonId,
    authority: AuthorityId,
    at: Timestamp,
    ids: &Sequence,
) -> Result<Evidence, Failure> {
    let period = Period::new(at - SignedDuration::from_hours(1), at)?;
    Ok(Evidence {
        id: EvidenceId::generate(ids as &dyn IdSource),
        person,
        authority,
        recorded_at: at,
        fact: Fact::contact(None, Relation::Venue, Ring::FIRST, period, Some(60)),
    })
}

/// Fetches a code and reads its page again and again, at least so often and then as long as `goes_on`; how long
/// each code took, and each page.
async fn fetch(
    service: &Service,
    resident: &Resident,
    goes_on: impl Fn() -> bool,
) -> Result<(Vec<Duration>, Vec<Duration>), Failure> {
    let (mut codes, mut pages) = (Vec::new(), Vec::new());
    while codes.len() < BEFORE || goes_on() {
        let begin = Instant::now();
        service.codes.plain_code(resident).await?;
        codes.push(begin.elapsed());
        let begin = Instant::now();
        service.people.status(resident, "en").await?;
        service.evidence.own_evidence_of(resident).await?;
        pages.push(begin.elapsed());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok((codes, pages))
}

fn milliseconds(took: &mut [Duration], percent: usize) -> f64 {
    took.sort_unstable();
    let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
    took.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
}

struct Arguments {
    database: String,
    people: u64,
    facts: u64,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self {
            database: words.next().ok_or(USAGE)?,
            people: 100_000,
            facts: 3,
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or(USAGE)?;
            match word.as_str() {
                "--people" => arguments.people = value.parse()?,
                "--facts" => arguments.facts = value.parse()?,
                _ => return Err(format!("no option `{word}`; {USAGE}").into()),
            }
        }
        Ok(arguments)
    }
}

//! How fast the log is: `cargo run --release -p service --example log -- sqlite:PATH|postgres://…
//! [--entries N] [--people N] [--looks N]`.
//!
//! An empty database gets N entries, each tenth about one of so many people, as many in a transaction as
//! places are given at once. Then they get their places, the whole log is verified, and a person who was
//! looked at a hundred times reads who looked, so many times; and records are opened, each until its
//! person reads of it. What the log costs the writing of evidence is in the durable writes of
//! `cargo xtask bench`: each batch there has its entry. Prints one JSON object.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it reports on the terminal"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Clock, PersonId, SystemClock};
use service::{
    Actor, AuditEntry, AuditLog, Did, Purpose, RecordRequest, Resident, Service, Staff, Stated,
    Subject,
};
use store::audit::{self, NewEntry};
use store::{Store, Transaction};

use founding::{Failure, Founded, Sequence, somebody};

const AT_ONCE: u64 = 5_000;
/// Looks at the person who reads.
const LOOKS: u64 = 100;
const USAGE: &str = "log DATABASE_URL [--entries N] [--people N] [--looks N]";

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    founding::run(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let ids = Arc::new(Sequence::from_clock());
    let store = Arc::new(Store::migrate(&arguments.database, &*ids).await?);
    let city = Founded::on(Arc::clone(&store), Arc::clone(&ids), |_| {});
    let Founded { service } = city.await?;
    let officer = founding::officer(&service).await?;
    let registered = service.people.register(somebody(&ids)?).await?;
    let resident = service.access.resident(&registered.token).await?;
    let person = resident.person();

    let begin = Instant::now();
    fill(arguments, &store, &ids, &officer, person).await?;
    let written = begin.elapsed();
    eprintln!("written: {written:.1?}");
    let begin = Instant::now();
    while service.audit.checkpoint().await? > 0 {}
    let placed = begin.elapsed();
    eprintln!("placed: {placed:.1?}");
    let begin = Instant::now();
    let key = service.audit.verifier();
    let checked = AuditLog::verify(&store, key, None, Arc::new(|_| {})).await?;
    let verified = begin.elapsed();
    eprintln!("verified: {verified:.1?}");
    if !checked.findings.is_empty() {
        return Err(format!("the log does not verify: {:?}", checked.findings).into());
    }
    let mut reads = read_looks(arguments, &service, &resident).await?;
    let mut opened = open_records(arguments, &service, &officer, &resident).await?;
    let per_second = |took: Duration| arguments.entries as f64 / took.as_secs_f64();
    let line = serde_json::json!({
        "what": "the log",
        "database": arguments.database.split(':').next(),
        "entries": checked.entries,
        "written_per_second": per_second(written),
        "placed_per_second": per_second(placed),
        "verified_s": verified.as_secs_f64(),
        "verified_per_second": per_second(verified),
        "who_looked_p50_ms": milliseconds(&mut reads, 50),
        "who_looked_p99_ms": milliseconds(&mut reads, 99),
        "opened_until_read_p50_ms": milliseconds(&mut opened, 50),
        "opened_until_read_p99_ms": milliseconds(&mut opened, 99),
    });
    println!("{line}");
    Ok(())
}

/// Writes entries: looks at the person who reads, looks at others, and batches of evidence.
async fn fill(
    arguments: &Arguments,
    store: &Store,
    ids: &Sequence,
    officer: &Staff,
    person: PersonId,
) -> Result<(), Failure> {
    let now = SystemClock.now();
    let apart = (arguments.entries / LOOKS).max(1);
    let mut batch: Vec<NewEntry> = Vec::new();
    for number in 0..arguments.entries {
        let by = Actor::from(officer);
        let entry = if number % apart == 0 {
            AuditEntry::new(by, Did::PersonOpened, now).about([person])
        } else if number % 10 == 0 {
            let other = 1 + u128::from(number.wrapping_mul(0x9e37_79b9) % arguments.people);
            AuditEntry::new(by, Did::PersonOpened, now).about([PersonId::from_u128(other)])
        } else {
            AuditEntry::new(by, Did::EvidenceSubmitted, now).count(1000)
        };
        // The same look of a day is read once: each is for a case of its own.
        let why = Stated::new(Purpose::CaseInvestigation, &format!("case {number}"))?;
        batch.push(entry.because(why).seal(ids));
        if batch.len() as u64 == AT_ONCE || number + 1 == arguments.entries {
            let entries = std::mem::take(&mut batch);
            let write = store.transaction("log.fill", entries, |tx: &mut Transaction, entries| {
                Box::pin(audit::append(tx, entries))
            });
            write.await?;
        }
    }
    Ok(())
}

async fn read_looks(
    arguments: &Arguments,
    service: &Service,
    resident: &Resident,
) -> Result<Vec<Duration>, Failure> {
    let mut took = Vec::new();
    for _ in 0..arguments.looks {
        let begin = Instant::now();
        let looks = service.audit.looks(resident).await?;
        took.push(begin.elapsed());
        if looks.len() as u64 != LOOKS.min(arguments.entries) {
            return Err(format!("{} looks are read", looks.len()).into());
        }
    }
    Ok(took)
}

/// Opens the record of a person; how long it takes until that person reads of it.
async fn open_records(
    arguments: &Arguments,
    service: &Service,
    officer: &Staff,
    resident: &Resident,
) -> Result<Vec<Duration>, Failure> {
    let mut took = Vec::new();
    for number in 0..arguments.looks {
        let case = format!("case {number}");
        let request = RecordRequest {
            subject: Subject::Person(resident.person()),
            why: Stated::new(Purpose::Audit, &case)?,
            unmasked: false,
        };
        let begin = Instant::now();
        service.records.open(officer, &request).await?;
        let looks = service.audit.looks(resident).await?;
        let reads = |look: &service::Look| look.why.as_ref() == Some(&request.why);
        if !looks.iter().any(reads) {
            return Err(format!("the look for {case} is not read").into());
        }
        took.push(begin.elapsed());
    }
    Ok(took)
}

fn milliseconds(took: &mut [Duration], percent: usize) -> f64 {
    took.sort_unstable();
    let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
    took.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
}

struct Arguments {
    database: String,
    entries: u64,
    people: u64,
    looks: u64,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self {
            database: words.next().ok_or(USAGE)?,
            entries: 100_000,
            people: 100_000,
            looks: 1_000,
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or(USAGE)?;
            match word.as_str() {
                "--entries" => arguments.entries = value.parse()?,
                "--people" => arguments.people = value.parse()?,
                "--looks" => arguments.looks = value.parse()?,
                _ => return Err(format!("no option `{word}`; {USAGE}").into()),
            }
        }
        Ok(arguments)
    }
}

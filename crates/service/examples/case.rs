//! How long it takes from a confirmed case until the verdicts on its contacts are durable:
//! `cargo run --release -p service --example case -- sqlite:PATH|postgres://… [--visits N] [--people N]
//! [--venues N] [--cases N] [--rings 1|2] [--found|--filled]`.
//!
//! An empty database is filled with the visits of the last three days, each of half an hour to two
//! hours, people and venues by chance. Then one case after the other is confirmed and traced, as a
//! health authority and a worker do. With one ring the time ends when everybody who met the case is
//! decided; with two it ends when those whom they met are decided as well. Prints one JSON
//! object.
//!
//! With `--filled` the database holds everybody's visits already, of people and venues with the
//! identifiers 1 to N, and only those of the cases are added. It must have been founded while it was
//! empty, since where people are a policy needs two persons: `--found` gives it a policy and an officer
//! and ends. `benches/case_fill.sql` fills one on PostgreSQL in between.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Clock, EvidenceId, PersonId, SystemClock, Timestamp, VenueId};
use jiff::SignedDuration;
use service::{CaseReport, Operator, Service, Settings, Staff, Subject};
use store::{Recorded, RecordedVisit, Store, Visit, visits};

use founding::{Failure, Founded, Sequence, somebody};

const VISITS_PER_WRITE: u64 = 10_000;
/// Visits of each case within its window.
const VISITS_OF_A_CASE: u64 = 20;
const THREE_DAYS: u64 = 3 * 24 * 3600;
const USAGE: &str = "case DATABASE_URL [--visits N] [--people N] [--venues N] [--cases N] \
                     [--rings 1|2] [--found|--filled]";

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    founding::run(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let ids = Arc::new(Sequence::from_clock());
    let store = Arc::new(Store::migrate(&arguments.database, &*ids).await?);
    let choose = |settings: &mut Settings| settings.rings = arguments.rings;
    let Founded { service } = match arguments.begin {
        Begin::Filled => Founded::again(Arc::clone(&store), Arc::clone(&ids), choose).await?,
        Begin::Empty | Begin::FoundOnly => {
            Founded::on(Arc::clone(&store), Arc::clone(&ids), choose).await?
        }
    };
    if arguments.begin == Begin::FoundOnly {
        founding::officer(&service).await?;
        println!("{}", serde_json::json!({ "what": "city founded" }));
        return Ok(());
    }
    if service.policies.policy().is_none() {
        return Err(
            "no policy is in force; found the city with --found before it is filled".into(),
        );
    }
    let mut cases = Vec::new();
    for _ in 0..arguments.cases {
        cases.push(service.people.register(somebody(&ids)?).await?.person);
    }
    let begin = Instant::now();
    record(arguments, &store, &cases).await?;
    let recorded_in = begin.elapsed();
    // A session that is older than five minutes confirms nothing.
    let health = match arguments.begin {
        Begin::Filled => officer_again(&service).await?,
        Begin::Empty | Begin::FoundOnly => founding::officer(&service).await?,
    };
    let (mut took, mut contacts, mut changed) = (Vec::new(), 0, 0);
    for person in cases {
        let begin = Instant::now();
        let report = CaseReport {
            request: None,
            subject: Subject::Person(person),
            found_at: Some(service.now()),
            onset: None,
            is_asymptomatic: false,
        };
        service.tracing.confirm_case(&health, report).await?;
        let summary = service.tracing.run_traces().await?;
        took.push(begin.elapsed());
        contacts += summary.contacts;
        changed += summary.changed;
    }
    took.sort_unstable();
    let line = serde_json::json!({
        "what": "case confirmed until its contacts are decided",
        "database": arguments.database.split(':').next(),
        "visits": arguments.visits,
        "recorded_s": recorded_in.as_secs_f64(),
        "rings": arguments.rings,
        "cases": took.len(),
        "contacts": contacts,
        "changed": changed,
        "p50_ms": milliseconds(&took, 50),
        "p99_ms": milliseconds(&took, 99),
        "longest_ms": milliseconds(&took, 100),
    });
    println!("{line}");
    Ok(())
}

/// A new session of the officer of a city that was founded before.
async fn officer_again(service: &Service) -> Result<Staff, Failure> {
    let operator = Operator::at_the_command_line("the load generator");
    let members = service.staff.names_at_one_press(&operator).await?;
    let (first, _) = members.first().ok_or("nobody is a staff member yet")?;
    let session = service.staff.sign_in_at_one_press(&operator, *first);
    Ok(service.access.staff(&session.await?).await?)
}

fn milliseconds(took: &[Duration], percent: usize) -> f64 {
    let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
    took.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
}

/// Fills the record with everybody's visits, and those of the cases to be.
async fn record(arguments: &Arguments, store: &Store, cases: &[PersonId]) -> Result<(), Failure> {
    let now = SystemClock.now();
    let mut chance = Chance(1);
    let mut visits = Vec::new();
    let of_cases = cases
        .iter()
        .flat_map(|case| vec![*case; VISITS_OF_A_CASE as usize]);
    for case in of_cases {
        visits.push(chance.visit(arguments, case, now));
    }
    put(store, &mut visits).await?;
    if arguments.begin == Begin::Filled {
        return Ok(());
    }
    for number in 0..arguments.visits {
        let person = PersonId::from_u128(1 + u128::from(chance.below(arguments.people)));
        visits.push(chance.visit(arguments, person, now));
        if visits.len() as u64 == VISITS_PER_WRITE || number + 1 == arguments.visits {
            put(store, &mut visits).await?;
        }
    }
    Ok(())
}

async fn put(store: &Store, visits: &mut Vec<Visit>) -> Result<(), Failure> {
    let recorded: Vec<RecordedVisit> = visits.drain(..).map(RecordedVisit::own).collect();
    let write = store.transaction("visits.fill", recorded, |tx, recorded| {
        Box::pin(visits::put(tx, recorded, Recorded::Live))
    });
    write.await?;
    Ok(())
}

/// Numbers that look random (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % limit
    }

    fn visit(&mut self, arguments: &Arguments, person: PersonId, now: Timestamp) -> Visit {
        let seconds = |count: u64| SignedDuration::from_secs(count.cast_signed());
        let id = u128::from(self.below(u64::MAX)) << 64 | u128::from(self.below(u64::MAX));
        let entered = now - seconds(2 * 3600 + self.below(THREE_DAYS));
        Visit {
            id: EvidenceId::from_u128(id),
            person,
            venue: VenueId::from_u128(1 + u128::from(self.below(arguments.venues))),
            category: None,
            entered,
            left: Some(entered + seconds(1800 + self.below(5400))),
        }
    }
}

struct Arguments {
    database: String,
    visits: u64,
    people: u64,
    venues: u64,
    cases: u32,
    rings: u8,
    begin: Begin,
}

/// What the database holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// Nothing.
    Empty,
    /// Nothing, and it is to be filled later.
    FoundOnly,
    /// A city that was founded, and everybody's visits.
    Filled,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self {
            database: words.next().ok_or(USAGE)?,
            visits: 1_000_000,
            people: 100_000,
            venues: 20_000,
            cases: 100,
            rings: 2,
            begin: Begin::Empty,
        };
        while let Some(word) = words.next() {
            let begin = match word.as_str() {
                "--found" => Some(Begin::FoundOnly),
                "--filled" => Some(Begin::Filled),
                _ => None,
            };
            if let Some(begin) = begin {
                arguments.begin = begin;
                continue;
            }
            let value = words.next().ok_or(USAGE)?;
            match word.as_str() {
                "--visits" => arguments.visits = value.parse()?,
                "--people" => arguments.people = value.parse()?,
                "--venues" => arguments.venues = value.parse()?,
                "--cases" => arguments.cases = value.parse()?,
                "--rings" => arguments.rings = value.parse()?,
                _ => return Err(format!("no option `{word}`; {USAGE}").into()),
            }
        }
        Ok(arguments)
    }
}

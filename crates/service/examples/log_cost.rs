//! What the log costs those who write evidence: `cargo run --release -p service --example log_cost --
//! sqlite:PATH|postgres://… [--times N]`.
//!
//! An empty database gets twenty thousand people. N submissions of a thousand results and N of one result go the way
//! that they always go, one after the other; each has its entry. Then, in N transactions that write a thousand
//! rows of evidence, it is timed how long the entry takes: sealed, and appended. Then how long it takes to give
//! so many entries their places and to sign, for each of them, as a worker does it once a second. Both together
//! are the log's part of a submission. What a person does themselves, a registration or a visit, has no entry.
//! Prints one JSON object with milliseconds, medians.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::evidence::{OpenPeriod, TestKind, TestResult};
use domain::{
    AuthorityKind, Clock, Evidence, EvidenceId, Fact, IdSource, PersonId, RequestKey, SystemClock,
    Timestamp,
};
use jiff::SignedDuration;
use service::{
    Actor, AuditEntry, Did, Item, Operator, Service, Staff, Subject, Submission, Submitter,
};
use store::{Store, StoreError, Transaction, audit, evidence};

use founding::{Failure, Founded, Sequence, somebody};

/// Rows in a submission.
const ROWS: usize = 1_000;
/// Each submission is about others of them, so that nobody has many results.
const PEOPLE: usize = 20 * ROWS;
/// Entries that get their places at once.
const PLACED: usize = 2_000;
const USAGE: &str = "log_cost DATABASE_URL [--times N]";

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let database = arguments.next().ok_or(USAGE)?;
    let mut times = 300;
    while let Some(word) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match &*word {
            "--times" => times = value.parse()?,
            _ => return Err(format!("no option `{word}`; {USAGE}").into()),
        }
    }
    founding::run(measure(&database, times))
}

async fn measure(database: &str, times: usize) -> Result<(), Failure> {
    let ids = Arc::new(Sequence::from_clock());
    let store = Arc::new(Store::migrate(database, &*ids).await?);
    let Founded { service } = Founded::on(Arc::clone(&store), Arc::clone(&ids), |_| {}).await?;
    let operator = Operator::at_the_command_line("the load generator");
    let access = &service.access;
    let (kind, name) = (AuthorityKind::Laboratory, "Lake Laboratory");
    let region = "3301".parse()?;
    access.add_authority(&operator, kind, name, region).await?;
    let laboratory = access.act_for(&operator, name).await?;
    let officer = founding::officer(&service).await?;
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        let registered = service.people.register(somebody(&ids)?).await?;
        let resident = service.access.resident(&registered.token).await?;
        people.push(resident.person());
    }
    let city = City {
        begun_at: service.now(),
        service,
        ids,
        laboratory,
        officer,
        people,
    };

    let (mut thousand, mut one) = (Vec::new(), Vec::new());
    for turn in 0..times {
        thousand.push(city.submit(turn, ROWS).await?);
        one.push(city.submit(times + turn, 1).await?);
    }
    while city.service.audit.checkpoint().await? > 0 {}
    let mut appended = Vec::new();
    for turn in 0..times {
        appended.push(city.append(&store, turn).await?);
    }
    while city.service.audit.checkpoint().await? > 0 {}
    let placed = city.place(&store).await?;
    let (thousand, one) = (median(&mut thousand), median(&mut one));
    let appended = median(&mut appended);
    let log = appended + placed;
    let line = serde_json::json!({
        "what": "what the log costs",
        "database": database.split(':').next(),
        "times": times,
        "submission_of_1000_ms": milliseconds(thousand),
        "submission_of_1_ms": milliseconds(one),
        "entry_appended_ms": milliseconds(appended),
        "entry_placed_and_signed_ms": milliseconds(placed),
        "part_of_a_submission_of_1000": log.as_secs_f64() / thousand.as_secs_f64(),
        "part_of_a_submission_of_1": log.as_secs_f64() / one.as_secs_f64(),
        "part_of_a_submission_of_1_before_it_is_answered":
            appended.as_secs_f64() / one.as_secs_f64(),
    });
    println!("{line}");
    Ok(())
}

struct City {
    service: Arc<Service>,
    ids: Arc<Sequence>,
    laboratory: Submitter,
    /// Who is named in entries that are written here.
    officer: Staff,
    people: Vec<PersonId>,
    begun_at: Timestamp,
}

impl City {
    /// How long a submission of so many results takes.
    async fn submit(&self, turn: usize, rows: usize) -> Result<Duration, Failure> {
        let said = self.negative(turn);
        let item = |person: &PersonId| Item {
            subject: Subject::Person(*person),
            said: said.clone().into(),
        };
        let submission = Submission {
            request: Some(RequestKey::generate(&*self.ids)),
            content: None,
            items: self.some(turn)[..rows].iter().map(item).collect(),
        };
        let begin = Instant::now();
        let evidence = &self.service.evidence;
        let receipt = evidence.submit(&self.laboratory, submission).await?;
        let took = begin.elapsed();
        match receipt.refused.is_empty() {
            true => Ok(took),
            false => Err(format!("{} rows were refused", receipt.refused.len()).into()),
        }
    }

    /// How long an entry takes in a transaction that writes a thousand rows.
    async fn append(&self, store: &Store, turn: usize) -> Result<Duration, Failure> {
        let said = self.negative(turn);
        let authority = self.officer.authority().id;
        let piece = |person: &PersonId| Evidence {
            id: EvidenceId::generate(&*self.ids as &dyn IdSource),
            person: *person,
            authority,
            recorded_at: SystemClock.now(),
            fact: said.clone(),
        };
        let rows: Vec<Evidence> = self.some(turn).iter().map(piece).collect();
        let written = (rows, Arc::clone(&self.ids), Actor::from(&self.officer));
        let write = store.transaction(
            "log_cost.write",
            written,
            |tx: &mut Transaction, (rows, ids, by)| {
                Box::pin(async move {
                    evidence::add(tx, &rows.iter().collect::<Vec<_>>()).await?;
                    let begin = Instant::now();
                    let entry = AuditEntry::new(*by, Did::EvidenceSubmitted, SystemClock.now());
                    audit::append(tx, &[entry.count(ROWS).seal(&**ids)]).await?;
                    Ok::<_, StoreError>(begin.elapsed())
                })
            },
        );
        Ok(write.await?)
    }

    /// How long an entry takes to get its place, and its part of signing.
    async fn place(&self, store: &Store) -> Result<Duration, Failure> {
        let by = Actor::from(&self.officer);
        let entry = |_| AuditEntry::new(by, Did::EvidenceSubmitted, SystemClock.now());
        let entries: Vec<_> = (0..PLACED)
            .map(|number| entry(number).count(ROWS).seal(&*self.ids))
            .collect();
        let write = store.transaction("log_cost.fill", entries, |tx: &mut Transaction, entries| {
            Box::pin(audit::append(tx, entries))
        });
        write.await?;
        let begin = Instant::now();
        while self.service.audit.checkpoint().await? > 0 {}
        Ok(begin.elapsed() / PLACED as u32)
    }

    /// A thousand of the people.
    fn some(&self, turn: usize) -> &[PersonId] {
        let begin = turn % (PEOPLE / ROWS) * ROWS;
        &self.people[begin..begin + ROWS]
    }

    /// A test at a time of its own: what is said again counts once, and is not written.
    fn negative(&self, turn: usize) -> Fact {
        let at = self.begun_at - SignedDuration::from_secs(turn as i64);
        let period = OpenPeriod::mended(at, Some(at));
        Fact::test(TestKind::Pcr, TestResult::Negative, period, None)
    }
}

fn median(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took.get(took.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

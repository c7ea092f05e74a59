//! How soon others see what somebody did, while a city writes: an appeal in the queue of the officers, a look
//! in the list of the person who was looked at. `cargo run --release -p service --example seen --
//! sqlite:PATH|postgres://… [--times N] [--open N] [--clients N] [--pause MILLISECONDS]`.
//!
//! An empty database gets N people who are red, and so many more whose appeals stay open. Then, while so many
//! clients register people and two laboratories submit a thousand results at a time, each pausing in between,
//! each of the N files an appeal, and an officer who has the last page of the queue open reads it again until the
//! appeal is there; then an officer opens N records, each until its person reads of it. Without a pause the
//! clients take whatever the database can do. Prints one JSON object with milliseconds.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::evidence::{OpenPeriod, Period, Relation, Ring, TestKind, TestResult};
use domain::{AppealId, AuthorityKind, Fact, PersonId, RequestKey, Timestamp};
use jiff::SignedDuration;
use service::{
    AppealRequest, Item, Operator, Purpose, QueueAsked, RecordRequest, Resident, Service, Staff,
    Stated, Subject, Submission, Submitter,
};
use store::Store;
use store::appeals::QueuePlace;

use founding::{Failure, Founded, Sequence, somebody};

/// Rows in one submission.
const ROWS: usize = 1_000;
const LABORATORIES: usize = 2;
const USAGE: &str = "seen DATABASE_URL [--times N] [--open N] [--clients N] [--pause MILLISECONDS]";

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    founding::run(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let city = Arc::new(City::found(&arguments.database).await?);
    let workers = city.service.spawn_workers();
    let open = city.red_people(arguments.open).await?;
    for resident in &open {
        city.appeal(resident).await?;
    }
    let people = city.red_people(arguments.times.max(ROWS)).await?;
    let writing = Writing::begin(&city, arguments);
    let mut last_page = QueueAsked::default();
    city.is_in_queue(None, &mut last_page).await?;
    let begin = Instant::now();

    let mut filed = Vec::new();
    let mut seen = Vec::new();
    for resident in people.iter().take(arguments.times) {
        let begin = Instant::now();
        let id = city.appeal(resident).await?;
        filed.push(begin.elapsed());
        while !city.is_in_queue(Some(id), &mut last_page).await? {}
        seen.push(begin.elapsed());
    }
    let mut read = Vec::new();
    for (number, resident) in people.iter().take(arguments.times).enumerate() {
        let request = RecordRequest {
            subject: Subject::Person(resident.person()),
            why: Stated::new(Purpose::CaseInvestigation, &format!("case {number}"))?,
            unmasked: false,
        };
        let begin = Instant::now();
        city.service.records.open(&city.officer, &request).await?;
        while !city.reads_of(resident, &request.why).await? {}
        read.push(begin.elapsed());
    }
    let took = begin.elapsed().as_secs_f64();
    let (registered, submitted) = writing.end().await?;
    workers.stop().await;
    let line = serde_json::json!({
        "what": "seen while a city writes",
        "database": arguments.database.split(':').next(),
        "clients": arguments.clients,
        "pause_ms": arguments.pause,
        "times": arguments.times,
        "open_appeals": arguments.open,
        "registrations_per_second": registered as f64 / took,
        "rows_per_second": (submitted * ROWS as u64) as f64 / took,
        "appeal_filed_ms": percentiles(&mut filed),
        "appeal_filed_and_in_the_queue_ms": percentiles(&mut seen),
        "record_opened_and_read_of_ms": percentiles(&mut read),
    });
    println!("{line}");
    Ok(())
}

/// A city, an officer who answers appeals, and those who submit.
struct City {
    service: Arc<Service>,
    ids: Arc<Sequence>,
    officer: Staff,
    health: Submitter,
    laboratory: Submitter,
    /// Everybody who registered, about whom results come in.
    everybody: Mutex<Vec<PersonId>>,
    /// Submissions of results so far.
    turns: AtomicUsize,
    begun_at: Timestamp,
}

impl City {
    async fn found(database: &str) -> Result<Self, Failure> {
        let ids = Arc::new(Sequence::from_clock());
        let store = Arc::new(Store::migrate(database, &*ids).await?);
        let Founded { service } = Founded::on(store, Arc::clone(&ids), |_| {}).await?;
        let officer = founding::officer(&service).await?;
        let health = submitter(&service, AuthorityKind::Health, "Office of the Lake").await?;
        let kind = AuthorityKind::Laboratory;
        let laboratory = submitter(&service, kind, "Lake Laboratory").await?;
        Ok(Self {
            begun_at: service.now(),
            service,
            ids,
            officer,
            health,
            laboratory,
            everybody: Mutex::default(),
            turns: AtomicUsize::new(0),
        })
    }

    /// People who met a case at home.
    async fn red_people(&self, count: usize) -> Result<Vec<Resident>, Failure> {
        let mut people = Vec::with_capacity(count);
        for _ in 0..count {
            people.push(self.register().await?);
        }
        for some in people.chunks(ROWS) {
            let now = self.service.now();
            let hours = |hours| SignedDuration::from_hours(hours);
            let period = Period::new(now - hours(30), now - hours(28))?;
            let said =
                || Fact::contact(None, Relation::Household, Ring::FIRST, period, Some(120)).into();
            let item = |who: &Resident| Item {
                subject: Subject::Person(who.person()),
                said: said(),
            };
            self.submit(&self.health, some.iter().map(item).collect())
                .await?;
        }
        Ok(people)
    }

    async fn register(&self) -> Result<Resident, Failure> {
        let request = somebody(&self.ids)?;
        let registered = self.service.people.register(request).await?;
        let resident = self.service.access.resident(&registered.token).await?;
        self.everybody().push(resident.person());
        Ok(resident)
    }

    /// Results of a thousand people, each time of others and of another second.
    fn results(&self) -> Vec<Item> {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let at = self.begun_at - SignedDuration::from_secs(turn as i64);
        let period = OpenPeriod::mended(at, Some(at));
        let everybody = self.everybody();
        let item = |place: usize| Item {
            subject: Subject::Person(everybody[place % everybody.len()]),
            said: Fact::test(TestKind::Pcr, TestResult::Negative, period, None).into(),
        };
        (turn * ROWS..(turn + 1) * ROWS).map(item).collect()
    }

    fn everybody(&self) -> MutexGuard<'_, Vec<PersonId>> {
        self.everybody
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn submit(&self, by: &Submitter, items: Vec<Item>) -> Result<(), Failure> {
        let submission = Submission {
            request: Some(RequestKey::generate(&*self.ids)),
            content: None,
            items,
        };
        let receipt = self.service.evidence.submit(by, submission).await?;
        match receipt.refused.is_empty() {
            true => Ok(()),
            false => Err(format!("{} rows were refused", receipt.refused.len()).into()),
        }
    }

    async fn appeal(&self, by: &Resident) -> Result<AppealId, Failure> {
        let request = AppealRequest {
            request: Some(RequestKey::generate(&*self.ids)),
            against: Vec::new(),
            why: "I was in hospital in another city on that day.".to_owned(),
            file: None,
        };
        Ok(self.service.appeals.file(by, request).await?.id)
    }

    /// Whether an appeal stands in the queue from the page `asked` on, which becomes the last one.
    async fn is_in_queue(
        &self,
        id: Option<AppealId>,
        asked: &mut QueueAsked<QueuePlace>,
    ) -> Result<bool, Failure> {
        loop {
            let page = self.service.appeals.page(&self.officer, asked).await?;
            if page.lines.iter().any(|line| Some(line.id) == id) {
                return Ok(true);
            }
            if page.next.is_none() {
                // Of those that are due in one second it may stand before the last page.
                if id.is_some() {
                    *asked = QueueAsked::default();
                }
                return Ok(false);
            }
            asked.after = page.next;
        }
    }

    async fn reads_of(&self, resident: &Resident, why: &Stated) -> Result<bool, Failure> {
        let looks = self.service.audit.looks(resident).await?;
        Ok(looks.iter().any(|look| look.why.as_ref() == Some(why)))
    }
}

async fn submitter(
    service: &Service,
    kind: AuthorityKind,
    name: &str,
) -> Result<Submitter, Failure> {
    let operator = Operator::at_the_command_line("the load generator");
    let access = &service.access;
    let region = "3301".parse()?;
    access.add_authority(&operator, kind, name, region).await?;
    Ok(access.act_for(&operator, name).await?)
}

/// Clients that write until they are told to end.
struct Writing {
    is_over: Arc<AtomicBool>,
    registered: Arc<AtomicU64>,
    submitted: Arc<AtomicU64>,
    clients: Vec<tokio::task::JoinHandle<Result<(), Failure>>>,
}

impl Writing {
    fn begin(city: &Arc<City>, arguments: &Arguments) -> Self {
        let pause = Duration::from_millis(arguments.pause as u64);
        let mut writing = Self {
            is_over: Arc::default(),
            registered: Arc::default(),
            submitted: Arc::default(),
            clients: Vec::new(),
        };
        for _ in 0..arguments.clients {
            let (city, is_over) = (Arc::clone(city), Arc::clone(&writing.is_over));
            let registered = Arc::clone(&writing.registered);
            writing.clients.push(tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    city.register().await?;
                    registered.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(pause).await;
                }
                Ok(())
            }));
        }
        for _ in 0..LABORATORIES {
            let city = Arc::clone(city);
            let is_over = Arc::clone(&writing.is_over);
            let submitted = Arc::clone(&writing.submitted);
            writing.clients.push(tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let items = city.results();
                    city.submit(&city.laboratory, items).await?;
                    submitted.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(pause).await;
                }
                Ok(())
            }));
        }
        writing
    }

    /// How many people registered, and how many submissions came in.
    async fn end(self) -> Result<(u64, u64), Failure> {
        self.is_over.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await??;
        }
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Ok((count(&self.registered), count(&self.submitted)))
    }
}

fn percentiles(took: &mut [Duration]) -> serde_json::Value {
    took.sort_unstable();
    let at = |percent: usize| {
        let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    serde_json::json!({ "p50": at(50), "p99": at(99), "slowest": at(100) })
}

struct Arguments {
    database: String,
    times: usize,
    open: usize,
    clients: usize,
    pause: usize,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self {
            database: words.next().ok_or(USAGE)?,
            times: 500,
            open: 1_000,
            clients: 64,
            pause: 200,
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or(USAGE)?.parse()?;
            match word.as_str() {
                "--times" => arguments.times = value,
                "--open" => arguments.open = value,
                "--clients" => arguments.clients = value,
                "--pause" => arguments.pause = value,
                _ => return Err(format!("no option `{word}`; {USAGE}").into()),
            }
        }
        Ok(arguments)
    }
}

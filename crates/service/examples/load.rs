//! How many registrations, check-ins and test results a second become durable, and how long each takes:
//! `cargo run --release -p service --example load -- sqlite:PATH|postgres://… [--clients N] [--seconds S]`.
//!
//! The clients run in this process and call the service as the web does; each waits for its answer,
//! which comes once the write is durable, before it asks again. The database must be an empty one.
//! Prints one JSON object a line.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::evidence::{OpenPeriod, TestKind, TestResult};
use domain::{AuthorityKind, Fact, RequestKey, VenueId};
use service::{Item, NewVenue, Operator, Resident, Service, Subject, Submission, Submitter};
use store::Store;

use founding::{Failure, Founded, Sequence, somebody};

/// The venues of the city; people spread over them evenly.
const VENUES: usize = 1000;

/// Test results in one submission.
const RESULTS: usize = 1000;
/// Laboratories that submit at once.
const BATCHES_AT_ONCE: usize = 4;

/// Nothing that happens before this counts.
const WARM_UP: Duration = Duration::from_secs(1);

const USAGE: &str = "load DATABASE_URL [--clients N] [--seconds S]";

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    founding::run(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let city = Arc::new(City::found(&arguments.database).await?);
    let workers = city.service.spawn_workers();
    let registrations = repeat(&city, arguments, |city, _| async move {
        let registered = city.service.people.register(somebody(&city.ids)?).await?;
        let resident = city.service.access.resident(&registered.token).await?;
        city.residents().push(resident);
        Ok(())
    });
    let what = "registration with declaration";
    registrations.await?.print(what, arguments);
    let visits = repeat(&city, arguments, |city, turn| async move {
        let turn = usize::try_from(turn)?;
        let resident = {
            let residents = city.residents();
            residents[turn % residents.len()].clone()
        };
        let venue = city.venues[turn % city.venues.len()];
        let scan = RequestKey::generate(&*city.ids);
        city.service.visits.check_in(&resident, venue, scan).await?;
        Ok(())
    });
    visits.await?.print("visit", arguments);
    let few = Arguments {
        clients: BATCHES_AT_ONCE,
        ..arguments.clone()
    };
    let results = repeat(&city, &few, |city, turn| async move {
        let items = city.results(usize::try_from(turn)?);
        let submission = Submission {
            request: Some(RequestKey::generate(&*city.ids)),
            content: None,
            items,
        };
        let receipt = city
            .service
            .evidence
            .submit(&city.laboratory, submission)
            .await?;
        if receipt.refused.is_empty() {
            Ok(())
        } else {
            Err(format!("{} results were refused", receipt.refused.len()).into())
        }
    });
    let what = "batch of 1,000 test results";
    results.await?.print(what, &few);
    workers.stop().await;
    Ok(())
}

/// Has every client repeat `work`, which is given the number of the turn, until the time is over.
async fn repeat<F>(
    city: &Arc<City>,
    arguments: &Arguments,
    work: fn(Arc<City>, u64) -> F,
) -> Result<Measured, Failure>
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let turns = Arc::new(AtomicU64::new(0));
    let begin = Instant::now() + WARM_UP;
    let end = begin + arguments.time;
    let clients: Vec<_> = (0..arguments.clients)
        .map(|_| {
            let (city, turns) = (Arc::clone(city), Arc::clone(&turns));
            tokio::spawn(async move {
                let mut took = Vec::new();
                loop {
                    let asked = Instant::now();
                    if asked >= end {
                        return Ok::<_, Failure>(took);
                    }
                    work(Arc::clone(&city), turns.fetch_add(1, Ordering::Relaxed)).await?;
                    let answered = Instant::now();
                    if (begin..end).contains(&answered) {
                        took.push(answered - asked);
                    }
                }
            })
        })
        .collect();
    let mut took = Vec::new();
    for client in clients {
        took.extend(client.await??);
    }
    took.sort_unstable();
    Ok(Measured { took })
}

/// How long each counted turn took, shortest first.
struct Measured {
    took: Vec<Duration>,
}

impl Measured {
    fn print(&self, what: &str, arguments: &Arguments) {
        let percentile = |percent: usize| {
            let place = (self.took.len() * percent / 100).min(self.took.len().saturating_sub(1));
            let took = self.took.get(place).copied().unwrap_or_default();
            took.as_secs_f64() * 1000.0
        };
        let line = serde_json::json!({
            "what": what,
            "database": arguments.database.split(':').next(),
            "clients": arguments.clients,
            "seconds": arguments.time.as_secs(),
            "per_second": self.took.len() as u64 / arguments.time.as_secs().max(1),
            "p50_ms": percentile(50),
            "p99_ms": percentile(99),
        });
        println!("{line}");
    }
}

/// A city with its venues, and the people who registered.
struct City {
    service: Arc<Service>,
    ids: Arc<Sequence>,
    venues: Vec<VenueId>,
    residents: Mutex<Vec<Resident>>,
    laboratory: Submitter,
}

impl City {
    async fn found(database: &str) -> Result<Self, Failure> {
        let ids = Arc::new(Sequence::from_clock());
        let store = Arc::new(Store::migrate(database, &*ids).await?);
        let Founded { service } = Founded::on(store, Arc::clone(&ids), |_| {}).await?;
        let operator = Operator::at_the_command_line("the load generator");
        let access = &service.access;
        let region = "3301".parse()?;
        let health = founding::officer(&service).await?;
        let kind = AuthorityKind::Laboratory;
        let name = "Lake Laboratory";
        access.add_authority(&operator, kind, name, region).await?;
        let laboratory = access.act_for(&operator, name).await?;
        let mut venues = Vec::new();
        for number in 0..VENUES {
            let venue = NewVenue {
                sign: None,
                id: None,
                name: format!("Venue {number}"),
                category: None,
                region: None,
            };
            venues.push(service.visits.put_venue(&health, venue).await?.id);
        }
        Ok(Self {
            service,
            ids,
            venues,
            residents: Mutex::default(),
            laboratory,
        })
    }

    /// Results of a batch of people, each batch others as long as there are enough.
    fn results(&self, turn: usize) -> Vec<Item> {
        let residents = self.residents();
        let now = self.service.now();
        let item = |number: usize| Item {
            subject: Subject::Person(residents[number % residents.len()].person()),
            said: Fact::test(
                TestKind::Pcr,
                TestResult::Negative,
                OpenPeriod::mended(now, Some(now)),
                None,
            )
            .into(),
        };
        (turn * RESULTS..(turn + 1) * RESULTS).map(item).collect()
    }

    fn residents(&self) -> MutexGuard<'_, Vec<Resident>> {
        self.residents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone)]
struct Arguments {
    database: String,
    clients: usize,
    time: Duration,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self {
            database: words.next().ok_or(USAGE)?,
            clients: 512,
            time: Duration::from_secs(10),
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or(USAGE)?;
            match word.as_str() {
                "--clients" => arguments.clients = value.parse()?,
                "--seconds" => arguments.time = Duration::from_secs(value.parse()?),
                _ => return Err(format!("no option `{word}`; {USAGE}").into()),
            }
        }
        Ok(arguments)
    }
}

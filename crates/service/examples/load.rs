//! How many registrations and check-ins a second become durable, and how long each takes:
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

use std::error::Error;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use credential::{IssuerKey, TrustList, TrustedKey};
use domain::evidence::{ContactAnswer, Symptoms};
use domain::{
    AuthorityKind, Clock, Document, DocumentKind, IdSource, Identity, Pii, RequestKey, SystemClock,
    VenueId,
};
use jiff::SignedDuration;
use service::{
    CountingNotifier, Declaration, Keys, NewVenue, Operator, Parts, Publisher, RegistrationRequest,
    Resident, Service, Settings,
};
use store::SqlStore;

type Failure = Box<dyn Error + Send + Sync>;

const POLICY: &str = include_str!("../../../policies/hangzhou.toml");

/// The venues of the city; people spread over them evenly.
const VENUES: usize = 1000;

/// Nothing that happens before this counts.
const WARM_UP: Duration = Duration::from_secs(1);

const USAGE: &str = "load DATABASE_URL [--clients N] [--seconds S]";

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let city = Arc::new(City::found(&arguments.database).await?);
    let workers = city.service.spawn_workers();
    let registrations = repeat(&city, arguments, |city, _| async move {
        let registered = city.service.register(city.somebody()?).await?;
        let resident = city.service.resident(&registered.token).await?;
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
        city.service.check_in(&resident, venue, scan).await?;
        Ok(())
    });
    visits.await?.print("visit", arguments);
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

/// A city with a policy in force, its venues, and whoever has registered.
struct City {
    service: Arc<Service>,
    ids: Arc<Sequence>,
    venues: Vec<VenueId>,
    residents: Mutex<Vec<Resident>>,
}

impl City {
    async fn found(database: &str) -> Result<Self, Failure> {
        let ids = Arc::new(Sequence::default());
        let store = Arc::new(SqlStore::migrate(database, &*ids).await?);
        let service = Service::start(parts(store, Arc::clone(&ids))?).await?;
        let operator = Operator::at_the_command_line("the load generator");
        let publisher = Publisher::from(&operator);
        service.publish_policy(&publisher, POLICY).await?;
        service.decide_everybody().await?;
        let kind = AuthorityKind::Health;
        let (_, token) = service
            .add_authority(&operator, kind, "City Health Commission")
            .await?;
        let health = service.official(&token).await?.into_health()?;
        let mut venues = Vec::new();
        for number in 0..VENUES {
            let venue = NewVenue {
                id: None,
                name: format!("Venue {number}"),
                category: None,
                region: None,
            };
            venues.push(service.put_venue(&health, venue).await?.id);
        }
        Ok(Self {
            service,
            ids,
            venues,
            residents: Mutex::default(),
        })
    }

    fn residents(&self) -> MutexGuard<'_, Vec<Resident>> {
        self.residents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody who feels well; each has another passport.
    fn somebody(&self) -> Result<RegistrationRequest, Failure> {
        let number = format!("L{:015}", self.ids.next());
        Ok(RegistrationRequest {
            request: RequestKey::generate(&*self.ids),
            identity: Identity {
                name: Pii::new("Li Ming".to_owned()),
                document: Document::new(DocumentKind::Passport, &number)?,
                phones: vec![Pii::new("138 0000 0000".to_owned())],
            },
            declaration: Some(Declaration {
                symptoms: Symptoms::NONE,
                temperature: None,
                contact: ContactAnswer::None,
            }),
            stays: Vec::new(),
        })
    }
}

fn parts(store: Arc<SqlStore>, ids: Arc<Sequence>) -> Result<Parts, Failure> {
    let now = SystemClock.now();
    let issuer = "330100".parse()?;
    let root = IssuerKey::from_seed(&[1; 32])?;
    let issuer_key = IssuerKey::from_seed(&[2; 32])?;
    let trusted = TrustedKey {
        issuer,
        status_uri: "https://health.example/status".to_owned(),
        key: issuer_key.public_key().clone(),
        from: now,
        until: now + SignedDuration::from_hours(24 * 365),
    };
    Ok(Parts {
        store: Arc::clone(&store) as _,
        identities: Arc::clone(&store) as _,
        proposals: store,
        keys: Keys::from_secret(&[3; 32]),
        issuer_key,
        trust_list: TrustList::new(1, now, vec![trusted])?.sign(&root)?,
        roots: vec![root.public_key().clone()],
        clock: Arc::new(SystemClock),
        ids,
        notifier: Arc::new(CountingNotifier::default()),
        settings: Settings::new(issuer),
    })
}

/// Bits that look random and never repeat within a run (SplitMix64).
#[derive(Default)]
struct Sequence {
    state: AtomicU64,
}

impl Sequence {
    fn next(&self) -> u64 {
        self.state.fetch_add(1, Ordering::Relaxed)
    }
}

impl IdSource for Sequence {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut word = (self.next() + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_be_bytes()[..chunk.len()]);
        }
    }
}

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

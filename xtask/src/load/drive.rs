//! Sends a schedule of requests and measures each from the instant at which it was due.
//!
//! A request that finds no free client waits, and that counts: a person whose phone cannot get through
//! waits too. One that has waited longer than people do is not sent at all.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::arrivals::{Arrival, Random};
use super::city::{City, Kind};
use super::client::Client;
use super::histogram::Histogram;

/// Who asks, and how.
#[derive(Clone, Copy)]
pub struct Clients {
    /// How many ask at once, each on a connection of its own.
    pub count: usize,
    /// How long a request waits for a free client before its person has given up.
    pub patience: Duration,
    /// How often one that is refused or fails is sent again at once, whatever the server asks.
    pub retries: u32,
    /// Further headers, for the number of the request.
    pub headers: fn(u64) -> String,
}

/// What came of the requests of one kind.
#[derive(Clone)]
pub struct Outcome {
    /// Of those that were carried out: from when they were due.
    pub from_due: Histogram,
    /// The same, from when they were sent.
    pub from_sent: Histogram,
    /// Of those that were refused with 429 or 503: from when they were sent.
    pub refused: Histogram,
    /// Refused without saying when to come back.
    pub refused_without_time: u64,
    /// Answered otherwise, or not at all.
    pub failed: u64,
    /// Never sent: its person had given up.
    pub unsent: u64,
}

/// What came of a schedule.
pub struct Driven {
    /// By kind, in the order of [`Kind::ALL`].
    pub outcomes: Vec<Outcome>,
    /// How long it took.
    pub took: Duration,
    /// How late requests were sent that found a free client: the generator's own delay.
    pub own_delay: Histogram,
}

impl Driven {
    /// What came of one kind.
    pub fn of(&self, kind: Kind) -> &Outcome {
        &self.outcomes[kind as usize]
    }

    /// How many of a kind were carried out in a second.
    pub fn goodput(&self, kind: Kind) -> f64 {
        self.of(kind).from_due.total() as f64 / self.took.as_secs_f64()
    }
}

/// Sends everything that is due; asks no more once `longest` is over.
pub fn drive(city: &City, arrivals: &[Arrival], clients: Clients, longest: Duration) -> Driven {
    let next = AtomicUsize::new(0);
    let start = now();
    let work = || one_client(city, arrivals, clients, &next, start, longest);
    let mut driven = Driven {
        outcomes: vec![Outcome::new(); Kind::ALL.len()],
        took: Duration::ZERO,
        own_delay: Histogram::new(),
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients.count).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            if let Ok((outcomes, own_delay)) = thread.join() {
                driven.own_delay.merge(&own_delay);
                for (outcome, more) in driven.outcomes.iter_mut().zip(&outcomes) {
                    outcome.merge(more);
                }
            }
        }
    });
    driven.took = start.elapsed();
    driven
}

fn one_client(
    city: &City,
    arrivals: &[Arrival],
    clients: Clients,
    next: &AtomicUsize,
    start: Instant,
    longest: Duration,
) -> (Vec<Outcome>, Histogram) {
    let mut outcomes = vec![Outcome::new(); Kind::ALL.len()];
    let mut own_delay = Histogram::new();
    let mut client = Client::new(city.address);
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(arrival) = arrivals.get(number) else {
            return (outcomes, own_delay);
        };
        let outcome = &mut outcomes[arrival.kind as usize];
        let due = start + arrival.at;
        let waits = due.saturating_duration_since(now());
        if !waits.is_zero() {
            std::thread::sleep(waits);
            own_delay.add(due.elapsed());
        }
        if due.elapsed() > clients.patience {
            outcome.unsent += 1;
            continue;
        }
        if start.elapsed() > longest {
            return (outcomes, own_delay);
        }
        for attempt in 0..=clients.retries {
            let mut random = Random::new(arrival.draw ^ u64::from(attempt) << 48);
            let headers = (clients.headers)(random.next());
            let request = city.request(arrival.kind, random.next(), &headers);
            let sent = now();
            let answer = client.ask(&request);
            match answer.map(|answer| (answer.status, answer.retry_after)) {
                Ok((200..=299, _)) => {
                    outcome.from_due.add(due.elapsed());
                    outcome.from_sent.add(sent.elapsed());
                    break;
                }
                Ok((429 | 503, retry_after)) => {
                    outcome.refused.add(sent.elapsed());
                    outcome.refused_without_time += u64::from(retry_after.is_none());
                }
                Ok(_) | Err(_) => outcome.failed += 1,
            }
        }
    }
}

impl Outcome {
    fn new() -> Self {
        Self {
            from_due: Histogram::new(),
            from_sent: Histogram::new(),
            refused: Histogram::new(),
            refused_without_time: 0,
            failed: 0,
            unsent: 0,
        }
    }

    fn merge(&mut self, other: &Self) {
        self.from_due.merge(&other.from_due);
        self.from_sent.merge(&other.from_sent);
        self.refused.merge(&other.refused);
        self.refused_without_time += other.refused_without_time;
        self.failed += other.failed;
        self.unsent += other.unsent;
    }
}

/// The machine's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]
pub fn now() -> Instant {
    Instant::now()
}

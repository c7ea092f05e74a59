//! What a monitor reads at `/metrics`: counts and times by kind of work, and how this node is.
//!
//! Never by person, address or path, and no number of people: see ADR 55. It is answered on a
//! listener of its own from what is in memory, so that it is answered while the database is away
//! and while work is refused.

mod figures;
mod process;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::App;
use crate::connections::{self, ConnectionCounts, ConnectionSettings, Door};
use crate::host::{self, HostNames};
use crate::overload::Work;
use crate::problem::ProblemType;
use crate::rates::Proxies;

/// The bounds of the histogram, in seconds, as they are written. An answer is given up after ten.
const BOUNDS: [(f64, &str); 13] = [
    (0.001, "0.001"),
    (0.0025, "0.0025"),
    (0.005, "0.005"),
    (0.01, "0.01"),
    (0.025, "0.025"),
    (0.05, "0.05"),
    (0.1, "0.1"),
    (0.25, "0.25"),
    (0.5, "0.5"),
    (1.0, "1"),
    (2.5, "2.5"),
    (5.0, "5"),
    (10.0, "10"),
];
/// The kinds of work, and requests for what lies nowhere.
const KINDS: usize = Work::ALL.len() + 1;
/// So many monitors are answered at once.
const MOST_MONITORS: usize = 32;

/// What was counted since the server started. Counters alone: nothing here is waited for.
pub(crate) struct Metrics {
    began: Instant,
    kinds: [OfKind; KINDS],
    problems: [AtomicU64; ProblemType::ALL.len()],
    /// The connections of the public listener.
    pub(crate) connections: Arc<ConnectionCounts>,
}

#[derive(Default)]
struct OfKind {
    in_flight: AtomicU64,
    /// By the first digit of the status.
    by_status: [AtomicU64; 5],
    /// Those that a rate refused.
    over_rate: AtomicU64,
    /// Those whose caller had left before they were answered.
    left: AtomicU64,
    /// By the first bound that holds; the last is open.
    by_time: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// A request that is being answered, until it is dropped.
pub(crate) struct Answering<'a> {
    kind: &'a OfKind,
    began: Instant,
    is_answered: bool,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            kinds: Default::default(),
            problems: Default::default(),
            connections: Arc::default(),
        }
    }

    /// Counts a refusal, or a fault of ours.
    pub(crate) fn note_problem(&self, problem: ProblemType) {
        self.problems[problem as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request as in flight; `None` is one for what lies nowhere.
    pub(crate) fn begin(&self, work: Option<Work>) -> Answering<'_> {
        let kind = &self.kinds[work.map_or(Work::ALL.len(), |work| work as usize)];
        kind.in_flight.fetch_add(1, Ordering::Relaxed);
        Answering {
            kind,
            began: Instant::now(),
            is_answered: false,
        }
    }
}

impl Answering<'_> {
    /// Counts its answer. Refusals are not timed: some are held back, and none is work.
    pub(crate) fn answered(mut self, status: StatusCode) {
        self.is_answered = true;
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.kind.by_status[class].fetch_add(1, Ordering::Relaxed);
        match status {
            StatusCode::TOO_MANY_REQUESTS => {
                self.kind.over_rate.fetch_add(1, Ordering::Relaxed);
            }
            StatusCode::SERVICE_UNAVAILABLE => {}
            _ => self.kind.note_time(self.began.elapsed()),
        }
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.kind.in_flight.fetch_sub(1, Ordering::Relaxed);
        if !self.is_answered {
            self.kind.left.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl OfKind {
    fn note_time(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|(bound, _)| seconds <= *bound);
        self.by_time[bucket.unwrap_or(BOUNDS.len())].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// Answers monitors on a listener of its own until `shutdown` is ready.
///
/// # Errors
/// Those of the listener.
pub(crate) async fn answer_monitors(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let door = Door {
        limits: ConnectionSettings {
            from_one_address: MOST_MONITORS,
            ..ConnectionSettings::with_most(MOST_MONITORS)
        },
        proxies: Proxies::default(),
        tls: None,
    };
    let names = app.settings.hosts.clone();
    let names = names.with_every_address_of(listener.local_addr()?);
    let routes = routes(app, names);
    connections::answer(listener, routes, door, &Arc::default(), shutdown).await
}

/// What is answered there, to requests for one of `names`.
pub(crate) fn routes(app: App, names: HostNames) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .layer(from_fn_with_state(Arc::new(names), host::refuse_others))
        .with_state(app)
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, figures::write(&app))
}

//! What happens when more is asked than can be done: what can wait is refused early, so that what
//! cannot wait is answered, and what is taken in is answered soon.
//!
//! Each route is a kind of [`Work`]. What needs the database is counted while it is in flight, and
//! as much of it is taken in as keeps its latency low: see [`limit`]. What is over that is refused
//! with 503 and a `Retry-After` that differs from caller to caller, so that they do not all come
//! back at once. Codes and checks are never refused: they need no database, and how many of them are
//! at work is bounded by the connections alone.

mod ahead;
mod limit;
#[cfg(test)]
mod tests;
mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::IdSource;
use tokio::time::Instant;
use tracing::warn;

use self::limit::Limit;
use crate::App;
use crate::problem::Problem;

pub(crate) use work::Work;

/// How many pages that show a code are drawn at once. They read the database for who is signed in,
/// which other work does not keep from them.
const SHOWN_AT_ONCE: usize = 256;
/// How many wait at once for a gateway or a provider, which takes seconds.
const SENT_AT_ONCE: usize = 256;
/// After how many seconds a refused caller may come back: at least, and how much later at most.
const BACK_AFTER: u64 = 3;
const BACK_SPREAD: u64 = 10;
/// How long a refusal is held back. A client that asks again at once, whatever the answer, does so
/// twice a second and not as often as the server can refuse, which would leave it no time for
/// anything else.
pub(crate) const HELD_BACK: Duration = Duration::from_millis(500);
/// Refusals take at most this part of the connections while they are held back; more are said at once.
const HELD_BACK_PART: usize = 8;

/// What is in flight, and what was refused.
pub(crate) struct Overload {
    limit: Limit,
    in_flight: AtomicUsize,
    /// Of those in flight, how many are measured.
    measured: AtomicUsize,
    shown: AtomicUsize,
    sending: AtomicUsize,
    held_back: AtomicUsize,
    refused: [AtomicU64; Work::ALL.len()],
    ids: Arc<dyn IdSource>,
}

/// Work that was taken in, until it is dropped: when it is answered, or when its caller has left.
struct InFlight<'a> {
    overload: &'a Overload,
    work: Work,
    /// When it was taken in, if its latency says how busy the database is.
    measured_since: Option<Instant>,
    /// Whether it was carried out. What was refused soon, or left soon, says nothing of how long work
    /// takes, and anybody can have much of it.
    is_done: bool,
}

impl Overload {
    pub(crate) fn new(ids: Arc<dyn IdSource>) -> Self {
        Self {
            limit: Limit::new(),
            in_flight: AtomicUsize::new(0),
            measured: AtomicUsize::new(0),
            shown: AtomicUsize::new(0),
            sending: AtomicUsize::new(0),
            held_back: AtomicUsize::new(0),
            refused: Default::default(),
            ids,
        }
    }

    /// How much work that is counted together may be in flight now.
    pub(crate) fn limit(&self) -> usize {
        self.limit.now()
    }

    /// How much work of a kind was refused.
    pub(crate) fn refused(&self, work: Work) -> u64 {
        self.refused[work as usize].load(Ordering::Relaxed)
    }

    /// Takes in one piece of work; `None` of what is not counted. A caller that still sends is not
    /// measured.
    ///
    /// # Errors
    /// `overloaded`, if there is too much to do for work of its kind.
    fn admit(&self, work: Work, is_whole: bool) -> Result<Option<InFlight<'_>>, Problem> {
        let (Some(counter), room) = (self.counter(work), self.room(work)) else {
            return Ok(None);
        };
        let before = counter.fetch_add(1, Ordering::Relaxed);
        if before >= room {
            counter.fetch_sub(1, Ordering::Relaxed);
            return Err(self.refuse(work));
        }
        if work.is_shed() {
            self.limit.note_in_flight(before + 1);
        }
        let is_measured = is_whole && work.is_measured();
        self.measured
            .fetch_add(usize::from(is_measured), Ordering::Relaxed);
        Ok(Some(InFlight {
            overload: self,
            work,
            measured_since: is_measured.then(Instant::now),
            is_done: false,
        }))
    }

    /// Refuses work for which there is no room, before more is done for it.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(crate) fn has_room(&self, work: Work) -> Result<(), Problem> {
        match self.counter(work) {
            Some(counter) if counter.load(Ordering::Relaxed) >= self.room(work) => {
                Err(self.refuse(work))
            }
            _ => Ok(()),
        }
    }

    const fn counter(&self, work: Work) -> Option<&AtomicUsize> {
        match work {
            Work::Codes => None,
            Work::Showing => Some(&self.shown),
            Work::Sending => Some(&self.sending),
            Work::Offices
            | Work::Registrations
            | Work::SignIns
            | Work::Declarations
            | Work::History
            | Work::Statistics => Some(&self.in_flight),
        }
    }

    /// How much may be in flight for one more of this kind to be taken in.
    fn room(&self, work: Work) -> usize {
        let all = self.limit.now();
        match work {
            Work::Codes => usize::MAX,
            Work::Showing => SHOWN_AT_ONCE,
            Work::Sending => SENT_AT_ONCE,
            Work::Offices | Work::Registrations | Work::SignIns => all,
            Work::Declarations => all * 3 / 4,
            Work::History => all / 2,
            Work::Statistics => all / 4,
        }
    }

    fn refuse(&self, work: Work) -> Problem {
        if work.is_shed() {
            let is_measuring = self.measured.load(Ordering::Relaxed) > 0;
            self.limit.note_refusal(Instant::now(), is_measuring);
        }
        let refused = self.refused[work as usize].fetch_add(1, Ordering::Relaxed) + 1;
        // The first one and each power of two after it: an overload is seen, and does not fill the
        // log.
        if refused.is_power_of_two() {
            let (kind, limit) = (work.name(), self.limit.now());
            warn!(kind, refused, limit, "more is asked than can be done");
        }
        let mut drawn = [0; 2];
        self.ids.fill(&mut drawn);
        let later = u64::from(u16::from_le_bytes(drawn)) % (BACK_SPREAD + 1);
        Problem::overloaded(BACK_AFTER + later)
    }
}

/// A refusal that is held back, until it is dropped.
struct HeldBack<'a>(&'a AtomicUsize);

impl Drop for HeldBack<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Some(counter) = self.overload.counter(self.work) {
            counter.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(since) = self.measured_since {
            self.overload.measured.fetch_sub(1, Ordering::Relaxed);
            let took = since.elapsed();
            if self.is_done || took > limit::BEARABLE {
                self.overload.limit.note_answer(took);
            }
        }
    }
}

/// Refuses what can wait while there is too much to do. A body is read first, so that who sends
/// slowly takes no place. What there is no room for already was refused before ([`Overload::has_room`]).
pub(crate) async fn shed(app: &App, request: Request, next: Next) -> Response {
    // What lies at no address, or at a new one, is no work that waits.
    let work = request.extensions().get::<Work>().copied();
    let work = work.unwrap_or(Work::Codes);
    if work == Work::Codes {
        return next.run(request).await;
    }
    let (request, is_whole) = match ahead::read(request).await {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    match app.overload.admit(work, is_whole) {
        Ok(mut in_flight) => {
            let response = next.run(request).await;
            if let Some(in_flight) = &mut in_flight {
                let status = response.status();
                in_flight.is_done = status.is_success() || status.is_redirection();
            }
            response
        }
        Err(problem) => hold_back(app, problem).await,
    }
}

/// A refusal, after a while.
pub(crate) async fn hold_back(app: &App, problem: Problem) -> Response {
    let overload = &app.overload;
    let before = overload.held_back.fetch_add(1, Ordering::Relaxed);
    let is_room = before < app.settings.connections.most / HELD_BACK_PART;
    let _held_back = HeldBack(&overload.held_back);
    if is_room {
        tokio::time::sleep(app.settings.refusals_held_back).await;
    }
    problem.into_response()
}

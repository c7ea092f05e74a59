//! Reading the whole record, one read at a time. A large log takes longer to read than anybody waits for an
//! answer: the read goes on when nobody waits any more, and who asks again has what it found.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use jiff::SignedDuration;
use store::StoreError;
use tokio::sync::watch;

use super::AuditLog;
use super::checking::{RecordChecked, read_record};
use crate::access::{Action, Staff};
use crate::{Result, ServiceError};

/// A read that took less is made anew each time.
const LONG: SignedDuration = SignedDuration::from_secs(5);
/// So long a read counts that took longer, from its end.
const COUNTS_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What a read of the whole record found.
#[derive(Clone, Debug)]
pub struct RecordRead {
    /// When it began.
    pub begun_at: Timestamp,
    /// How long it took.
    pub took: SignedDuration,
    /// What it found.
    pub checked: Arc<RecordChecked>,
}

/// How reading the record stands on this node.
#[derive(Clone, Debug, Default)]
pub struct RecordReads {
    /// How many entries the read that goes on has read; `None` if none does.
    pub read_so_far: Option<u64>,
    /// The newest one that ended.
    pub last: Option<RecordRead>,
}

type Outcome = Result<RecordRead, StoreError>;

#[derive(Default)]
pub(super) struct Reads(Mutex<State>);

#[derive(Default)]
struct State {
    running: Option<Running>,
    last: Option<RecordRead>,
}

struct Running {
    entries: Arc<AtomicU64>,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl AuditLog {
    /// Begins to read the whole record in the background, unless that goes on already.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`].
    pub fn begin_reading(&self, by: &Staff) -> Result<()> {
        by.may(Action::ReadLog)?;
        self.reading();
        Ok(())
    }

    /// How that stands.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`].
    pub fn reads(&self, by: &Staff) -> Result<RecordReads> {
        by.may(Action::ReadLog)?;
        let state = self.reads.lock();
        let running = state.running.as_ref().filter(|running| !running.is_over());
        Ok(RecordReads {
            read_so_far: running.map(|running| running.entries.load(Ordering::Relaxed)),
            last: state.last.clone(),
        })
    }

    /// The whole record, read now; or a little earlier, where reading takes so long that nobody can wait
    /// for it, nothing was wrong, and it serves.
    pub(super) async fn whole(
        &self,
        serves: impl Fn(&RecordChecked) -> bool,
    ) -> Result<Arc<RecordChecked>> {
        let last = self.reads.lock().last.clone();
        let now = self.clock.now();
        if let Some(last) = last.filter(|last| last.counts_at(now) && serves(&last.checked)) {
            return Ok(last.checked);
        }
        let (outcome, is_new) = self.reading();
        let found = end_of(outcome).await?;
        if is_new || (found.checked.findings.is_empty() && serves(&found.checked)) {
            return Ok(found.checked);
        }
        // It began before this was asked for, and what it missed may have been written since.
        let (outcome, _) = self.reading();
        Ok(end_of(outcome).await?.checked)
    }

    /// The read that goes on, or a new one; whether it is new.
    fn reading(&self) -> (watch::Receiver<Option<Outcome>>, bool) {
        let mut state = self.reads.lock();
        if let Some(running) = state.running.as_ref().filter(|running| !running.is_over()) {
            return (running.outcome.clone(), false);
        }
        let (said, outcome) = watch::channel(None);
        let entries = Arc::new(AtomicU64::new(0));
        state.running = Some(Running {
            entries: Arc::clone(&entries),
            outcome: outcome.clone(),
        });
        let (store, key) = (Arc::clone(&self.store), self.verifier().clone());
        let (clock, reads) = (Arc::clone(&self.clock), Arc::clone(&self.reads));
        let begun_at = clock.now();
        tokio::spawn(async move {
            let progress = Arc::new(move |count| entries.store(count, Ordering::Relaxed));
            let read = read_record(&store, &key, None, progress).await;
            let outcome = read.map(|checked| RecordRead {
                begun_at,
                took: clock.now().duration_since(begun_at),
                checked: Arc::new(checked),
            });
            let mut state = reads.lock();
            state.running = None;
            state.last = outcome.clone().ok().or(state.last.take());
            drop(state);
            said.send_replace(Some(outcome));
        });
        (outcome, true)
    }
}

async fn end_of(mut outcome: watch::Receiver<Option<Outcome>>) -> Result<RecordRead> {
    let ended = outcome.wait_for(Option::is_some).await;
    let ended = ended.ok().and_then(|outcome| outcome.clone());
    let broke_off = || StoreError::Busy("reading the log broke off".to_owned());
    ended
        .unwrap_or_else(|| Err(broke_off()))
        .map_err(ServiceError::Store)
}

impl Reads {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// Whether it said what it found, or never will.
    fn is_over(&self) -> bool {
        self.outcome.borrow().is_some() || self.outcome.has_changed().is_err()
    }
}

impl RecordRead {
    fn counts_at(&self, now: Timestamp) -> bool {
        let ended_at = self.begun_at.checked_add(self.took);
        let age = now.duration_since(ended_at.unwrap_or(self.begun_at));
        // A clock that was set back makes nothing younger.
        let is_young = !age.is_negative() && age < COUNTS_FOR;
        self.took > LONG && is_young && self.checked.findings.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Finding;

    #[test]
    fn a_read_counts_for_a_while_only_if_nobody_can_wait_for_it_and_nothing_was_wrong() {
        let begun_at = Timestamp::UNIX_EPOCH;
        let after = |minutes| begun_at + SignedDuration::from_mins(minutes);
        let read = |seconds, findings| RecordRead {
            begun_at,
            took: SignedDuration::from_secs(seconds),
            checked: Arc::new(RecordChecked {
                findings,
                ..RecordChecked::default()
            }),
        };
        assert!(read(60, Vec::new()).counts_at(after(10)));
        assert!(!read(60, Vec::new()).counts_at(after(11)));
        let of_a_clock_that_was_set_back = read(60, Vec::new());
        assert!(!of_a_clock_that_was_set_back.counts_at(after(-60)));
        assert!(!read(5, Vec::new()).counts_at(after(1)));
        let changed = vec![Finding::Changed { index: 3 }];
        assert!(!read(60, changed).counts_at(after(1)));
    }
}

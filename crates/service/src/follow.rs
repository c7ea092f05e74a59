//! Following what other nodes change, in the order of changes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use store::ChangeNumber;

/// A transaction takes no longer until its COMMIT: its changes are visible by then, as a rule.
const COMMIT_TAKES: Duration = Duration::from_secs(10);
/// A COMMIT that itself takes long (a slow disk, a standby that is waited for) is not undone. So often a
/// reading begins further back, and finds the changes of one that took no longer than this.
const LATE_COMMITS_EVERY: Duration = Duration::from_secs(60);
/// How far back that is.
const LATE_COMMITS_BACK: Duration = Duration::from_secs(120);

/// Where readings of changes stood. On PostgreSQL a number may become visible after a greater one, so
/// each reading begins where an earlier one stood that is long enough ago: seconds, and once a minute
/// two minutes.
#[derive(Default)]
pub(crate) struct ReadPositions {
    /// Oldest first.
    stood_at: VecDeque<(Instant, ChangeNumber)>,
    /// When a reading that looked for late commits began last.
    late_commits_at: Option<Instant>,
}

impl ReadPositions {
    /// Where a reading that begins `now` must begin so that no transaction is missed; `None` before
    /// the first one.
    pub fn settled(&mut self, now: Instant) -> Option<ChangeNumber> {
        let age = |(began, _): &(Instant, ChangeNumber)| now.saturating_duration_since(*began);
        while (self.stood_at.get(1)).is_some_and(|second| age(second) >= LATE_COMMITS_BACK) {
            self.stood_at.pop_front();
        }
        let oldest = self.stood_at.front();
        let begins = if self.is_late_commits_due(now) {
            oldest
        } else {
            let mut newest_first = self.stood_at.iter().rev();
            newest_first
                .find(|position| age(position) >= COMMIT_TAKES)
                .or(oldest)
        };
        begins.map(|(_, number)| *number)
    }

    fn is_late_commits_due(&self, now: Instant) -> bool {
        let ago = |at: Instant| now.saturating_duration_since(at);
        self.late_commits_at
            .is_none_or(|at| ago(at) >= LATE_COMMITS_EVERY)
    }

    /// Whether a reading that began then or later has ended: it saw all that was committed by then.
    pub fn has_read_since(&self, asked: Instant) -> bool {
        self.stood_at
            .back()
            .is_some_and(|(began, _)| *began >= asked)
    }

    /// Notes where a reading stood that `began` then.
    pub fn note(&mut self, began: Instant, stood_at: ChangeNumber) {
        if self.is_late_commits_due(began) {
            self.late_commits_at = Some(began);
        }
        self.stood_at.push_back((began, stood_at));
    }

    /// Forgets earlier readings: everything was read at once.
    pub fn restart(&mut self, began: Instant, stood_at: ChangeNumber) {
        self.stood_at = VecDeque::from([(began, stood_at)]);
        self.late_commits_at = Some(began);
    }
}

/// The machine's monotonic clock: how long a transaction takes is no civil time.
#[expect(
    clippy::disallowed_methods,
    reason = "civil time may jump, and the overlap of readings must not jump with it"
)]
pub(crate) fn monotonic_now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_begins_where_every_transaction_before_is_over() {
        let start = monotonic_now();
        let number = ChangeNumber::from_i64;
        let mut positions = ReadPositions::default();
        for second in 0..300 {
            let now = start + Duration::from_secs(second);
            let expected = match second {
                0 => None,
                60 | 120 | 180 | 240 | 241 => Some(second.saturating_sub(120)),
                250 => Some(239),
                _ => Some(second.saturating_sub(10)),
            };
            let begins = positions.settled(now);
            assert_eq!(
                begins,
                expected.map(|second| number(second as i64)),
                "{second}"
            );
            // One that failed is made up for.
            if second != 240 {
                positions.note(now, number(second as i64));
            }
        }
        assert!(
            positions.stood_at.len() <= 121,
            "old positions are forgotten"
        );
    }
}

//! Following what other nodes change, in the order of changes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use store::ChangeNumber;

/// A transaction takes no longer: its changes are visible by then.
const COMMIT_TAKES: Duration = Duration::from_secs(10);

/// Where readings of changes stood. On PostgreSQL a number may become visible after a greater one, so
/// each reading begins where an earlier one stood that is long enough ago.
#[derive(Default)]
pub(crate) struct ReadPositions {
    /// Oldest first.
    stood_at: VecDeque<(Instant, ChangeNumber)>,
}

impl ReadPositions {
    /// Where a reading that begins `now` must begin so that no transaction is missed; `None` before
    /// the first one.
    pub fn settled(&mut self, now: Instant) -> Option<ChangeNumber> {
        let is_settled = |(began, _): &(Instant, ChangeNumber)| {
            now.saturating_duration_since(*began) >= COMMIT_TAKES
        };
        while self.stood_at.get(1).is_some_and(is_settled) {
            self.stood_at.pop_front();
        }
        self.stood_at.front().map(|(_, number)| *number)
    }

    /// Notes where a reading stood that `began` then.
    pub fn note(&mut self, began: Instant, stood_at: ChangeNumber) {
        self.stood_at.push_back((began, stood_at));
    }

    /// Forgets earlier readings: everything was read at once.
    pub fn restart(&mut self, began: Instant, stood_at: ChangeNumber) {
        self.stood_at = VecDeque::from([(began, stood_at)]);
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
        assert_eq!(positions.settled(start), None);
        for second in 0..30 {
            positions.note(start + Duration::from_secs(second), number(second as i64));
            let now = start + Duration::from_secs(second);
            let expected = second.saturating_sub(10) as i64;
            assert_eq!(positions.settled(now), Some(number(expected)), "{second}");
        }
        assert!(
            positions.stood_at.len() <= 11,
            "old positions are forgotten"
        );
    }
}

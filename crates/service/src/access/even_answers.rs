//! Machines are answered at even times, so that how long an answer took does not say whether a document
//! was known: that of an unknown one costs a commit more.

use std::future::Future;
use std::time::Duration;

use super::Submitter;
use crate::follow::monotonic_now;

/// Answers to a machine leave a whole number of these after they were asked for. An unknown document
/// costs a few milliseconds more than a known one, which is seldom enough to reach the next step.
const STEP: Duration = Duration::from_millis(50);

impl Submitter {
    /// What comes of `work`; to a machine at a whole step of time after it began.
    pub(crate) async fn answer_evenly<T>(&self, work: impl Future<Output = T>) -> T {
        let begun = monotonic_now();
        let answer = work.await;
        if self.is_feed() {
            let took = monotonic_now().saturating_duration_since(begun);
            tokio::time::sleep(until_step(took)).await;
        }
        answer
    }
}

/// What is left until the next step.
fn until_step(took: Duration) -> Duration {
    let step = STEP.as_micros();
    let over = took.as_micros() % step;
    let left = if over == 0 && !took.is_zero() {
        0
    } else {
        step - over
    };
    Duration::from_micros(u64::try_from(left).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_waits_for_the_next_step() {
        let cases = [
            (0, 50_000),
            (1, 49_999),
            (49_999, 1),
            (50_000, 0),
            (51_000, 49_000),
        ];
        for (took, left) in cases {
            let waits = until_step(Duration::from_micros(took));
            assert_eq!(waits, Duration::from_micros(left), "{took}");
        }
    }
}

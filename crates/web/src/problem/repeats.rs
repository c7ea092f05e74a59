//! One line in the log for each cause and while: what meets everybody at once is said once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a cause is not said again.
const WHILE: Duration = Duration::from_secs(10);
/// So many causes are distinguished; more are logged each time.
const MOST_CAUSES: usize = 64;

/// Which faults were said lately.
#[derive(Default)]
pub(crate) struct Repeats(Mutex<HashMap<(&'static str, String), Said>>);

struct Said {
    at: Instant,
    unsaid: u64,
}

impl Repeats {
    /// Whether this fault is to be said now: how often it was not since it last was. `None` if it
    /// was said recently.
    pub(crate) fn is_due(&self, problem: &'static str, cause: &str) -> Option<u64> {
        let now = Instant::now();
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (problem, cause.to_owned());
        if let Some(said) = faults.get_mut(&key) {
            if now.duration_since(said.at) < WHILE {
                said.unsaid += 1;
                return None;
            }
            said.at = now;
            return Some(std::mem::take(&mut said.unsaid));
        }
        if faults.len() >= MOST_CAUSES {
            faults.retain(|_, said| now.duration_since(said.at) < WHILE);
        }
        if faults.len() < MOST_CAUSES {
            faults.insert(key, Said { at: now, unsaid: 0 });
        }
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once_in_a_while_and_how_often_it_was_not() {
        let repeats = Repeats::default();
        let full = "the disk is full";
        assert_eq!(repeats.is_due("database-unavailable", full), Some(0));
        for _ in 0..9_000 {
            assert_eq!(repeats.is_due("database-unavailable", full), None);
        }
        assert_eq!(repeats.is_due("internal", full), Some(0));
        let mut faults = repeats.0.lock().unwrap();
        for said in faults.values_mut() {
            said.at = said.at.checked_sub(WHILE).unwrap();
        }
        drop(faults);
        assert_eq!(repeats.is_due("database-unavailable", full), Some(9_000));
        assert_eq!(repeats.is_due("database-unavailable", full), None);
    }

    #[test]
    fn more_causes_than_are_told_apart_are_said_each_time() {
        let repeats = Repeats::default();
        for number in 0..MOST_CAUSES {
            repeats.is_due("internal", &number.to_string());
        }
        for _ in 0..2 {
            assert_eq!(repeats.is_due("internal", "one more"), Some(0));
        }
    }
}

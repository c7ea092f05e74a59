//! Whether the disk of the database was full just now.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// For so long after a write that met a full disk the disk counts as full.
const LASTS: Duration = Duration::from_secs(30);
/// How often that is said in the log.
const SAID_EVERY: Duration = Duration::from_secs(10);

/// When a write last met a full disk, and when that was last said.
#[derive(Default)]
pub(crate) struct Fullness(Mutex<Option<(Instant, Instant)>>);

impl Fullness {
    /// A write met a full disk; whether that is to be said.
    pub(crate) fn note(&self) -> bool {
        let now = Instant::now();
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let said = full.map(|(_, said)| said);
        let is_due = said.is_none_or(|said| now.duration_since(said) >= SAID_EVERY);
        *full = Some((now, if is_due { now } else { said.unwrap_or(now) }));
        is_due
    }

    /// Whether a recent write met a full disk.
    pub(crate) fn is_full(&self) -> bool {
        let full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        full.is_some_and(|(at, _)| at.elapsed() < LASTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_said_once_in_a_while_and_passes() {
        let full = Fullness::default();
        assert!(!full.is_full());
        assert!(full.note());
        assert!(!full.note());
        assert!(full.is_full());
        let long_ago = Instant::now().checked_sub(LASTS).unwrap();
        *full.0.lock().unwrap() = Some((long_ago, long_ago));
        assert!(!full.is_full());
        assert!(full.note());
    }
}

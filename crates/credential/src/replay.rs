//! Noticing a live code that is shown twice.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::claims::Serial;
use crate::refusal::Refusal;
use crate::verify::{Accepted, Shown};

/// Remembers the live codes of the last minutes, so that a picture sent to a friend is noticed
/// where both are shown. Plain codes and cards are let through: they carry no counter.
///
/// One person scanned twice with the same code on the screen is refused too; a scanner that reads
/// the same picture many times a second asks once for each text.
#[derive(Clone, Debug)]
pub struct ReplayCache {
    seen: HashMap<Serial, Shown>,
    keeps_for: SignedDuration,
    swept_at: Timestamp,
}

impl Default for ReplayCache {
    fn default() -> Self {
        Self::new()
    }
}

impl ReplayCache {
    /// A cache for the default settings: a code can be verified for 60 seconds, and up to 30
    /// before its time.
    pub fn new() -> Self {
        Self::keeping(SignedDuration::from_secs(60))
    }

    /// A cache for another [`Settings::live_for`](crate::Settings::live_for).
    pub fn keeping(live_for: SignedDuration) -> Self {
        Self {
            seen: HashMap::new(),
            keeps_for: live_for,
            swept_at: Timestamp::MIN,
        }
    }

    /// Lets an accepted code through and remembers it, unless this code or a later one of the same
    /// phone was let through before.
    ///
    /// # Errors
    /// [`Refusal::Replayed`].
    pub fn admit(&mut self, accepted: &Accepted, now: Timestamp) -> Result<(), Refusal> {
        let Some(shown) = accepted.shown else {
            return Ok(());
        };
        self.sweep(now);
        match self.seen.get(&accepted.serial) {
            Some(before) if before.counter >= shown.counter => Err(Refusal::Replayed {
                shown_at: before.at,
            }),
            _ => {
                self.seen.insert(accepted.serial, shown);
                Ok(())
            }
        }
    }

    /// How many codes are remembered.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Forgets, once a second at most, codes that would be refused for their age anyway.
    fn sweep(&mut self, now: Timestamp) {
        if now.duration_since(self.swept_at) < SignedDuration::from_secs(1) {
            return;
        }
        self.swept_at = now;
        let keeps_for = self.keeps_for;
        self.seen
            .retain(|_, shown| now.duration_since(shown.at) <= keeps_for);
    }
}

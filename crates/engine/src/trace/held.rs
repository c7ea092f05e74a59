//! How much a search holds of what it found.

use std::sync::atomic::{AtomicU64, Ordering};

use super::source::Source;

/// Bytes that all threads of a search hold.
#[derive(Default)]
pub(super) struct Held(AtomicU64);

impl Held {
    /// Holds so many elements more.
    ///
    /// # Errors
    /// The source's, if it does not let so much be held.
    pub(super) fn add<T, S: Source>(&self, source: &S, elements: usize) -> Result<(), S::Error> {
        let more = bytes::<T>(elements);
        source.may_hold(self.0.fetch_add(more, Ordering::Relaxed) + more)
    }

    /// Whether there may be more.
    ///
    /// # Errors
    /// The source's, if too much is held.
    pub(super) fn check<S: Source>(&self, source: &S) -> Result<(), S::Error> {
        source.may_hold(self.0.load(Ordering::Relaxed))
    }

    /// Holds so many fewer.
    pub(super) fn release<T>(&self, elements: usize) {
        self.0.fetch_sub(bytes::<T>(elements), Ordering::Relaxed);
    }
}

fn bytes<T>(elements: usize) -> u64 {
    (elements * size_of::<T>()) as u64
}

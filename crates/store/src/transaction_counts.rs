//! How often each transaction ran, and how long it takes: for monitors.
//!
//! What is told advances ten at a time. At night a transaction by its name is one case that is
//! confirmed or one person who appeals, and what a monitor keeps must not say when that was
//! (invariant 13).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many transactions of a name are told at once.
const STEP: u32 = 10;

/// How one kind of transaction fared since the program started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionFigures {
    /// Its name.
    pub name: &'static str,
    /// How many were carried out, in tens.
    pub done: u64,
    /// How many were undone, since they failed or refused what was asked, in tens.
    pub undone: u64,
    /// How often one was run again since it collided with another, or shared a commit with one that
    /// was undone, in tens.
    pub repeated: u64,
    /// The mean time of ten of them that came one after the other, the newest that are complete; with
    /// the time for which each waited for its turn. `None` before there were ten.
    pub mean: Option<Duration>,
}

/// What was counted, by name.
#[derive(Default)]
pub(crate) struct TransactionCounts(Mutex<BTreeMap<&'static str, Counts>>);

#[derive(Default)]
struct Counts {
    done: u64,
    undone: u64,
    repeated: u64,
    /// What those took that are not told yet.
    since: Duration,
    mean: Option<Duration>,
}

impl TransactionCounts {
    /// One ended.
    pub(crate) fn note(&self, name: &'static str, is_done: bool, repeats: u32, took: Duration) {
        let mut all = self.lock();
        let counts = all.entry(name).or_default();
        *(if is_done {
            &mut counts.done
        } else {
            &mut counts.undone
        }) += 1;
        counts.repeated += u64::from(repeats);
        counts.since += took;
        if (counts.done + counts.undone).is_multiple_of(STEP.into()) {
            counts.mean = Some(counts.since / STEP);
            counts.since = Duration::ZERO;
        }
    }

    /// Those of which there were ten, in order of name.
    pub(crate) fn figures(&self) -> Vec<TransactionFigures> {
        let tens = |count: u64| count - count % u64::from(STEP);
        let all = self.lock();
        let told = all.iter().map(|(name, counts)| TransactionFigures {
            name,
            done: tens(counts.done),
            undone: tens(counts.undone),
            repeated: tens(counts.repeated),
            mean: counts.mean,
        });
        told.filter(|figures| figures.mean.is_some()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Counts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invariant_13_transactions_are_told_in_tens() {
        let counts = TransactionCounts::default();
        let note = |times: u64, is_done, repeats, millis| {
            for _ in 0..times {
                counts.note(
                    "cases.confirm",
                    is_done,
                    repeats,
                    Duration::from_millis(millis),
                );
            }
        };
        note(9, true, 0, 1);
        assert_eq!(counts.figures(), [], "nine are nobody's to count");
        note(1, true, 2, 11);
        let mut told = TransactionFigures {
            name: "cases.confirm",
            done: 10,
            undone: 0,
            repeated: 0,
            mean: Some(Duration::from_millis(2)),
        };
        assert_eq!(counts.figures(), [told]);
        // What comes next is seen once there are ten more of it.
        note(4, true, 2, 500);
        note(5, false, 0, 500);
        told.repeated = 10;
        assert_eq!(counts.figures(), [told]);
        note(6, true, 0, 0);
        told = TransactionFigures {
            done: 20,
            mean: Some(Duration::from_millis(450)),
            ..told
        };
        assert_eq!(counts.figures(), [told]);
    }
}

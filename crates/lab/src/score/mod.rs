//! Policies replayed over a known epidemic: whom they would have restricted in time.
//!
//! A policy decides everybody once a day, on what was known then (`known` says what that is); a
//! status holds until the next decision. Against it stands the truth: who was exposed and infected,
//! and when.
//!
//! - An infected person is held *in time* if restricted when they become infectious, which is
//!   [`Terms::latent`] after the infection; *late* if only restricted after that, within
//!   [`Terms::horizon`] of the infection; otherwise *missed*.
//! - An exposed person is *reached* if restricted at some time from the exposure to
//!   [`Terms::within`] later; *late* if only by [`Terms::horizon`]; otherwise *missed*. A person who was
//!   infected was exposed.
//! - A restriction is *well placed* while it lies between an exposure and [`Terms::horizon`] later.
//! - Lead time runs from the first restriction between infection and horizon to becoming infectious;
//!   negative if it came late.
//!
//! Each row of the truth counts by itself; people infected twice count twice.

mod count;
mod replay;
mod report;
#[cfg(test)]
mod tests;

use domain::{Policy, Timestamp};
use engine::columns::{NONE, Seconds};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use self::count::{Counts, Figures};
use self::replay::replay;
use super::people::People;

/// The days that are replayed.
#[derive(Clone, Debug)]
pub struct Period {
    /// The timestamps of the decisions, a day apart.
    timestamps: Vec<Seconds>,
    /// The zone of the days.
    zone: TimeZone,
}

/// A period that cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPeriod {
    /// No decision falls into it.
    #[error("no daily decision falls between {from} and {until}; end it at least a day later")]
    Empty {
        /// Its beginning.
        from: Timestamp,
        /// Its end.
        until: Timestamp,
    },
    /// More than ten years.
    #[error(
        "{from} to {until} is longer than {} days; replay a shorter time",
        Period::LONGEST
    )]
    TooLong {
        /// Its beginning.
        from: Timestamp,
        /// Its end.
        until: Timestamp,
    },
    /// Outside 1970 to 2106.
    #[error("{0} lies outside 1970 to 2106; give a moment within")]
    Outside(Timestamp),
}

impl Period {
    /// The most days that are replayed.
    pub const LONGEST: usize = 3660;

    /// The days from `from` to `until`, with a decision on each at `hour` o'clock (0 is the midnight
    /// that begins the day) in `zone`. The first decision is the last one at or before `from`, so
    /// that there is a status from the beginning; the last one is at or before `until`.
    ///
    /// # Errors
    /// [`BadPeriod`].
    pub fn daily(
        from: Timestamp,
        until: Timestamp,
        hour: i8,
        zone: &TimeZone,
    ) -> Result<Self, BadPeriod> {
        let fits = |at: &Timestamp| Seconds::try_from(at.as_second()).is_ok_and(|at| at != NONE);
        for at in [from, until] {
            if !fits(&at) {
                return Err(BadPeriod::Outside(at));
            }
        }
        let mut day = from.to_zoned(zone.clone()).date();
        let timestamp = |day: jiff::civil::Date| {
            let zoned = day.at(hour.clamp(0, 23), 0, 0, 0).to_zoned(zone.clone());
            zoned
                .map(|zoned| zoned.timestamp())
                .map_err(|_| BadPeriod::Outside(from))
        };
        if timestamp(day)? > from {
            day = day.yesterday().map_err(|_| BadPeriod::Outside(from))?;
        }
        let mut timestamps = Vec::new();
        loop {
            let at = timestamp(day)?;
            if at > until {
                break;
            }
            if timestamps.len() == Self::LONGEST {
                return Err(BadPeriod::TooLong { from, until });
            }
            let unix_seconds = Seconds::try_from(at.as_second());
            timestamps.push(unix_seconds.map_err(|_| BadPeriod::Outside(at))?);
            day = day.tomorrow().map_err(|_| BadPeriod::Outside(at))?;
        }
        if timestamps.is_empty() {
            return Err(BadPeriod::Empty { from, until });
        }
        Ok(Self {
            timestamps,
            zone: zone.clone(),
        })
    }

    /// How many decisions there are.
    pub fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// Never: a period has at least one decision.
    pub fn is_empty(&self) -> bool {
        self.timestamps.is_empty()
    }

    /// The first decision, in Unix seconds.
    fn begins(&self) -> i64 {
        self.timestamps.first().copied().map_or(0, i64::from)
    }

    /// The decision whose status holds at `at`; `None` before the first and a day after the last.
    fn holding(&self, at: i64) -> Option<usize> {
        let last = i64::from(*self.timestamps.last()?);
        if at >= last + DAY {
            return None;
        }
        self.timestamps
            .partition_point(|timestamp| i64::from(*timestamp) <= at)
            .checked_sub(1)
    }

    /// The last decision that can speak about the time up to `at`.
    fn holding_at_most(&self, at: i64) -> usize {
        let later = self
            .timestamps
            .partition_point(|timestamp| i64::from(*timestamp) <= at);
        later.saturating_sub(1)
    }
}

const DAY: i64 = 86_400;

/// What counts as in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// From infection to becoming infectious.
    pub latent: SignedDuration,
    /// An exposed person is to be restricted within this of the exposure.
    pub within: SignedDuration,
    /// For so long after an exposure a restriction can still be because of it.
    pub horizon: SignedDuration,
}

impl Default for Terms {
    /// Infectious after 3 days, reached within 3, looked at for 14.
    fn default() -> Self {
        Self {
            latent: SignedDuration::from_hours(3 * 24),
            within: SignedDuration::from_hours(3 * 24),
            horizon: SignedDuration::from_hours(14 * 24),
        }
    }
}

/// Who was truly infected or exposed, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// A person's number; `None` for somebody about whom there is no evidence.
    pub person: Option<u32>,
    /// When they were infected.
    pub infected_at: Option<Timestamp>,
    /// When they were exposed.
    pub exposed_at: Option<Timestamp>,
}

/// How well policies did, side by side, with small numbers hidden.
#[derive(Clone, Debug)]
pub struct Score {
    period: Period,
    terms: Terms,
    figures: Figures,
}

/// Replays every policy over `period` and holds it against `truth`.
///
/// Rows of the truth whose exposure, or whose becoming infectious, lies outside the period cannot be
/// judged and are counted as left out; nor are restrictions judged that only such a row explains. People without any evidence are never restricted.
/// `progress` hears how many decisions of how many are done.
pub fn score(
    policies: &[Policy],
    people: People,
    truth: &[Truth],
    period: Period,
    terms: Terms,
    progress: impl FnMut(usize, usize),
) -> Score {
    let timelines = replay(policies, people, truth, &period, progress);
    let counts = Counts::new(policies, truth, &timelines, &period, terms);
    Score {
        figures: counts.figures(),
        period,
        terms,
    }
}

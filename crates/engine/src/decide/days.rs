//! Local days in 32 bits: the same rule as `domain::policy::Duration`, looked up instead of computed.

use domain::Timestamp;
use domain::policy::Duration;
use jiff::tz::TimeZone;

use crate::columns::{NONE, Seconds};

/// Days far in the past or future of the present are rare; they are computed.
const DAYS_BEFORE: i64 = 400;
const DAYS_AFTER: i64 = 400;
const DAY: i64 = 86_400;

/// The local midnights around the present.
pub(super) struct Days {
    zone: TimeZone,
    midnights: Vec<Seconds>,
}

impl Days {
    pub(super) fn around(now: Seconds, zone: &TimeZone) -> Self {
        // From midnight to midnight, never by adding hours: days of 23 or 25 hours would be missed
        // or come twice.
        let first = Timestamp::from_second(i64::from(now) - DAYS_BEFORE * DAY).ok();
        let midnights = std::iter::successors(first, |at| Some(end_of_day(*at, zone)));
        let midnights = midnights.skip(1).take((DAYS_BEFORE + DAYS_AFTER) as usize);
        let midnights = midnights.filter_map(|at| Seconds::try_from(at.as_second()).ok());
        let mut midnights: Vec<Seconds> = midnights.collect();
        midnights.dedup();
        Self {
            zone: zone.clone(),
            midnights,
        }
    }

    /// The end of `duration` after `start`; `None` if it does not fit 32 bits.
    pub(super) fn end(&self, duration: Duration, start: Seconds) -> Option<Seconds> {
        match duration {
            Duration::Hours(hours) => start
                .checked_add(u32::from(hours) * 3600)
                .filter(|end| *end != NONE),
            Duration::Days(days) => match self.day(start) {
                Some(day) if day + usize::from(days) < self.midnights.len() => {
                    Some(self.midnights[day + usize::from(days)])
                }
                _ => self.computed(duration, start),
            },
        }
    }

    /// The same without looking anything up, for starts from `first` to `last`; `None` where the
    /// clocks change in between, or where a sum would not fit.
    pub(super) fn even(&self, duration: Duration, first: Seconds, last: Seconds) -> Option<Even> {
        let Duration::Days(days) = duration else {
            return None;
        };
        let days = u32::from(days) + 1;
        let day_before = self.day(first)?.checked_sub(1)?;
        let last_end = self.day(last)? + days as usize;
        let midnights = self.midnights.get(day_before..last_end)?;
        let is_even = midnights
            .windows(2)
            .all(|pair| pair[1] - pair[0] == DAY as u32);
        let midnight = *midnights.first()?;
        is_even.then_some(Even { midnight, days })
    }

    /// Which of the midnights ends the day of `at`.
    fn day(&self, at: Seconds) -> Option<usize> {
        let first = *self.midnights.first()?;
        if at < first {
            return None;
        }
        let mut day = ((at - first) / DAY as u32) as usize;
        while *self.midnights.get(day)? <= at {
            day += 1;
        }
        while day > 0 && self.midnights[day - 1] > at {
            day -= 1;
        }
        Some(day)
    }

    fn computed(&self, duration: Duration, start: Seconds) -> Option<Seconds> {
        let start = Timestamp::from_second(i64::from(start)).ok()?;
        let end = duration.after(start, &self.zone).as_second();
        Seconds::try_from(end).ok().filter(|end| *end != NONE)
    }

    /// The earliest start whose `ends(start)` lies after `now`; `ends` never falls.
    pub(super) fn earliest(now: Seconds, ends: impl Fn(Seconds) -> Option<Seconds>) -> Seconds {
        let lies_after = |start: Seconds| ends(start).is_none_or(|end| end > now);
        let (mut low, mut high) = (0, now);
        while low < high {
            let middle = low + (high - low) / 2;
            if lies_after(middle) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        low
    }
}

/// Days of 24 hours throughout.
#[derive(Clone, Copy)]
pub(super) struct Even {
    /// At or before every start.
    midnight: Seconds,
    days: u32,
}

impl Even {
    pub(super) fn end(self, start: Seconds) -> Seconds {
        start - (start - self.midnight) % DAY as u32 + self.days * DAY as u32
    }
}

fn end_of_day(at: Timestamp, zone: &TimeZone) -> Timestamp {
    Duration::Days(0).after(at, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looked_up_ends_are_those_of_the_policy_language_also_where_clocks_change() {
        // An hour before midnight in New York, so that adding days of 24 hours skips one in March.
        let now = 1_583_294_400;
        for name in [
            "Asia/Shanghai",
            "Europe/Berlin",
            "America/New_York",
            "America/Sao_Paulo",
            "Asia/Kathmandu",
            "UTC",
        ] {
            let zone = TimeZone::get(name).unwrap();
            let days = Days::around(now, &zone);
            for step in 0..4000 {
                let start = now - 1_800 * 43_200 + step * 38_911;
                for duration in [Duration::Days(1), Duration::Days(14), Duration::Hours(72)] {
                    let at = Timestamp::from_second(i64::from(start)).unwrap();
                    let expected = duration.after(at, &zone).as_second();
                    assert_eq!(
                        days.end(duration, start).map(i64::from),
                        Some(expected),
                        "{name} {start}"
                    );
                    if let Some(even) = days.even(duration, start, start + 9 * 86_400) {
                        assert_eq!(i64::from(even.end(start)), expected, "{name} {start}");
                    }
                }
            }
        }
    }
}

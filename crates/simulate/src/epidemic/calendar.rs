//! The days of a simulation and the minutes in them.

use domain::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::scenario::BadScenario;

/// Minutes of a day.
pub(crate) const DAY: i32 = 24 * 60;

/// How many days before the first and after the last a minute may lie.
const MARGIN: i32 = 90;

/// A time in the simulation: minutes since the midnight at which the first day begins, counting
/// 1440 a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Minute(pub i32);

impl Minute {
    /// So many minutes after the beginning of `day`.
    pub fn of(day: i32, minute: i32) -> Self {
        Self(day * DAY + minute)
    }

    /// The day in which it lies; 0 is the first.
    pub fn day(self) -> i32 {
        self.0.div_euclid(DAY)
    }

    /// So many minutes later.
    pub fn plus(self, minutes: i32) -> Self {
        Self(self.0 + minutes)
    }

    /// So many days later.
    pub fn plus_days(self, days: f64) -> Self {
        Self(self.0 + (days * f64::from(DAY)).round() as i32)
    }

    /// Minutes from `earlier` until this one; negative if it is later.
    pub fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }
}

/// Which local day is which.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    first: Date,
    /// Beginnings of the local days, from `MARGIN` days before the first.
    midnights: Vec<Timestamp>,
}

impl Calendar {
    /// The calendar of `days` days from `first` in `zone`.
    pub fn new(first: Date, days: u16, zone: &TimeZone) -> Result<Self, BadScenario> {
        let midnight = |day: i32| {
            let date = first.checked_add(day.days()).ok()?;
            let midnight = date.to_zoned(zone.clone()).ok()?;
            Some(midnight.timestamp())
        };
        let midnights: Option<Vec<_>> =
            (-MARGIN..=i32::from(days) + MARGIN).map(midnight).collect();
        let midnights = midnights.ok_or(BadScenario::Calendar { first })?;
        Ok(Self { first, midnights })
    }

    /// The time on everybody's clock. Where a day has 23 hours, its 24th lies in the next day.
    pub fn timestamp(&self, minute: Minute) -> Timestamp {
        let last = self.midnights.len() as i32 - 1;
        let row = (minute.day() + MARGIN).clamp(0, last);
        let into = minute.0 - (row - MARGIN) * DAY;
        self.midnights[row as usize] + SignedDuration::from_mins(i64::from(into))
    }

    /// The local date of a day.
    pub fn date(&self, day: i32) -> Date {
        self.first.saturating_add(day.days())
    }

    /// Whether people go to work and school.
    pub fn is_workday(&self, day: i32) -> bool {
        !matches!(
            self.date(day).weekday(),
            Weekday::Saturday | Weekday::Sunday
        )
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn moments_are_local_and_may_lie_before_the_first_day() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let calendar = Calendar::new(date(2020, 2, 17), 30, &zone).unwrap();
        for (minute, expected) in [
            (Minute::of(0, 0), "2020-02-16T16:00:00Z"),
            (Minute::of(2, 90), "2020-02-18T17:30:00Z"),
            (Minute(-1), "2020-02-16T15:59:00Z"),
            (Minute::of(-20, 60), "2020-01-27T17:00:00Z"),
        ] {
            assert_eq!(calendar.timestamp(minute).to_string(), expected);
        }
        assert_eq!(Minute(-1).day(), -1);
        assert!(calendar.is_workday(4) && !calendar.is_workday(5) && !calendar.is_workday(-1));
    }

    #[test]
    fn a_day_begins_at_local_midnight_when_clocks_change() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let calendar = Calendar::new(date(2020, 3, 29), 3, &zone).unwrap();
        let hours = |from: i32, until: i32| {
            let (from, until) = (Minute::of(from, 0), Minute::of(until, 0));
            let lasts = calendar
                .timestamp(until)
                .duration_since(calendar.timestamp(from));
            lasts.as_hours()
        };
        assert_eq!((hours(0, 1), hours(1, 2)), (23, 24));
    }
}

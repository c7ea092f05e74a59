//! Values that cannot be wrong: periods that do not end before they begin, and small numbers in
//! their range.
//!
//! Each has a constructor that refuses, for whatever comes in, and one that mends, for records that
//! were taken in before the first refused them. What is mended never restricts more than what was
//! meant: see [`super::StoredFact`].

use jiff::{SignedDuration, Timestamp};

/// From one time to another, which is not before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    begin: Timestamp,
    end: Timestamp,
}

/// From a time on: to another that is not before it, or without a known end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpenPeriod {
    begin: Timestamp,
    end: Option<Timestamp>,
}

/// How long a verdict holds: a [`Period`] of at most [`Validity::LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Validity(Period);

/// Distance to a case: ring 1 met one, ring 2 met ring 1; at most 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ring(u8);

/// Which dose of a vaccine: the first is 1; at most 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dose(u8);

/// An end that lies before its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this ends before it begins; exchange the two")]
pub struct EndsBeforeItBegins;

/// Why a verdict cannot hold for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadValidity {
    /// It ends before it begins.
    #[error(transparent)]
    EndsBeforeItBegins(#[from] EndsBeforeItBegins),
    /// It holds for longer than any.
    #[error("a verdict holds for at most {} days, this one for {days}", Validity::LONGEST.as_hours() / 24)]
    TooLong {
        /// Whole days from beginning to end.
        days: i64,
    },
}

/// A number outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} is not a number from {least} to {most}")]
pub struct OutOfRange {
    /// The number.
    pub found: u32,
    /// The least that can be.
    pub least: u32,
    /// The most that can be.
    pub most: u32,
}

impl Period {
    /// Both belong to it.
    ///
    /// # Errors
    /// [`EndsBeforeItBegins`].
    pub fn new(begin: Timestamp, end: Timestamp) -> Result<Self, EndsBeforeItBegins> {
        if end < begin {
            return Err(EndsBeforeItBegins);
        }
        Ok(Self { begin, end })
    }

    /// As [`Self::new`]; an end before the beginning counts as the beginning.
    pub fn mended(begin: Timestamp, end: Timestamp) -> Self {
        let end = end.max(begin);
        Self { begin, end }
    }

    /// The first time.
    pub const fn begin(self) -> Timestamp {
        self.begin
    }

    /// The last time.
    pub const fn end(self) -> Timestamp {
        self.end
    }
}

impl OpenPeriod {
    /// Without an end if `end` is not known.
    ///
    /// # Errors
    /// [`EndsBeforeItBegins`].
    pub fn new(begin: Timestamp, end: Option<Timestamp>) -> Result<Self, EndsBeforeItBegins> {
        if end.is_some_and(|end| end < begin) {
            return Err(EndsBeforeItBegins);
        }
        Ok(Self { begin, end })
    }

    /// As [`Self::new`]; an end before the beginning counts as the beginning.
    pub fn mended(begin: Timestamp, end: Option<Timestamp>) -> Self {
        let end = end.map(|end| end.max(begin));
        Self { begin, end }
    }

    /// Without an end.
    pub const fn since(begin: Timestamp) -> Self {
        Self { begin, end: None }
    }

    /// The first time.
    pub const fn begin(self) -> Timestamp {
        self.begin
    }

    /// The last time, if it is known.
    pub const fn end(self) -> Option<Timestamp> {
        self.end
    }
}

impl From<Period> for OpenPeriod {
    fn from(period: Period) -> Self {
        Self {
            begin: period.begin,
            end: Some(period.end),
        }
    }
}

impl Validity {
    /// The longest that a verdict of another issuer holds. Whatever lasts longer is renewed by them.
    pub const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);

    /// From its first time to its last.
    ///
    /// # Errors
    /// [`BadValidity`].
    pub fn new(begin: Timestamp, end: Timestamp) -> Result<Self, BadValidity> {
        let period = Period::new(begin, end)?;
        let lasts = end.duration_since(begin);
        if lasts > Self::LONGEST {
            let days = lasts.as_hours() / 24;
            return Err(BadValidity::TooLong { days });
        }
        Ok(Self(period))
    }

    /// As [`Self::new`]; an end before the beginning counts as the beginning, and one that is too
    /// late as the latest.
    pub fn mended(begin: Timestamp, end: Timestamp) -> Self {
        let latest = begin.checked_add(Self::LONGEST).unwrap_or(Timestamp::MAX);
        Self(Period::mended(begin, end.min(latest)))
    }

    /// The first time.
    pub const fn begin(self) -> Timestamp {
        self.0.begin
    }

    /// The last time.
    pub const fn end(self) -> Timestamp {
        self.0.end
    }
}

macro_rules! numbers {
    ($($name:ident: $most:literal, mended: |$found:ident| $mended:expr, $how:literal;)*) => {$(
        impl $name {
            /// The first.
            pub const FIRST: Self = Self(1);
            /// The second.
            pub const SECOND: Self = Self(2);
            /// The last that can be.
            pub const LAST: Self = Self($most);

            /// Checks the range.
            ///
            /// # Errors
            /// [`OutOfRange`].
            pub const fn new(number: u32) -> Result<Self, OutOfRange> {
                match number {
                    1..=$most => Ok(Self(number as u8)),
                    found => Err(OutOfRange { found, least: 1, most: $most }),
                }
            }

            #[doc = concat!("As [`Self::new`]; ", $how, ".")]
            pub const fn mended($found: u32) -> Self {
                match Self::new($found) {
                    Ok(number) => number,
                    Err(_) => $mended,
                }
            }

            /// The number.
            pub const fn get(self) -> u8 {
                self.0
            }
        }
    )*};
}

numbers! {
    Ring: 9, mended: |found| Self::LAST, "any other number counts as the farthest";
    Dose: 20, mended: |found| if found == 0 { Self::FIRST } else { Self::LAST },
        "any other number counts as the nearest";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn nothing_ends_before_it_begins() {
        assert_eq!(Period::new(at(2), at(1)), Err(EndsBeforeItBegins));
        assert_eq!(OpenPeriod::new(at(2), Some(at(1))), Err(EndsBeforeItBegins));
        assert_eq!(Period::mended(at(2), at(1)).end(), at(2));
        assert_eq!(OpenPeriod::mended(at(2), Some(at(1))).end(), Some(at(2)));
        for end in [2, 3] {
            let period = Period::new(at(2), at(end)).unwrap();
            assert_eq!((period.begin(), period.end()), (at(2), at(end)));
            assert_eq!(period, Period::mended(at(2), at(end)));
            assert_eq!(OpenPeriod::new(at(2), Some(at(end))), Ok(period.into()));
        }
    }

    #[test]
    fn a_verdict_of_another_issuer_ends_within_a_leap_year() {
        let longest = Validity::LONGEST.as_secs();
        let kept = Validity::new(at(5), at(5 + longest)).unwrap();
        assert_eq!(kept.end(), at(5 + longest));
        let longer = at(5 + longest + 86_400);
        let refused = Validity::new(at(5), longer).unwrap_err();
        assert_eq!(refused, BadValidity::TooLong { days: 367 });
        let said = "a verdict holds for at most 366 days, this one for 367";
        assert_eq!(refused.to_string(), said);
        assert_eq!(Validity::mended(at(5), longer), kept);
        assert!(Validity::new(at(5), at(4)).is_err());
        assert_eq!(Validity::mended(at(5), at(4)).end(), at(5));
    }

    #[test]
    fn a_number_outside_its_range_is_refused_or_mended_towards_less() {
        for (number, ring, dose) in [(0, 9, 1), (1, 1, 1), (9, 9, 9), (10, 9, 10), (300, 9, 20)] {
            assert_eq!(Ring::mended(number).get(), ring);
            assert_eq!(Dose::mended(number).get(), dose);
            assert_eq!(Ring::new(number).is_ok(), u32::from(ring) == number);
            assert_eq!(Dose::new(number).is_ok(), u32::from(dose) == number);
        }
        let said = "0 is not a number from 1 to 9";
        assert_eq!(Ring::new(0).unwrap_err().to_string(), said);
    }
}

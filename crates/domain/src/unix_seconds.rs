//! Whole numbers as timestamps: which of them are Unix seconds, and what the others look like.

use jiff::{Timestamp, civil};

/// The first number of Unix seconds, in March 1973, that cannot be something else: a day, a year or a
/// spreadsheet's number. Only 0, the beginning of Unix time, is taken as well: it says "ever since".
pub const FIRST_UNIX_SECOND: i64 = 100_000_000;

/// The timestamp that a number of Unix seconds means.
///
/// # Errors
/// [`NotUnixSeconds`] if the number looks like something else.
pub fn from_unix_seconds(number: i64) -> Result<Timestamp, NotUnixSeconds> {
    let is_day = || number.to_string().parse::<civil::Date>().is_ok();
    let what = match number {
        0 | FIRST_UNIX_SECOND..100_000_000_000 => {
            return Timestamp::from_second(number).map_err(|_| NotUnixSeconds::TooLarge);
        }
        i64::MIN..0 => NotUnixSeconds::Negative,
        1900..2200 => NotUnixSeconds::Year,
        // 1906 to 2173.
        2200..100_000 => NotUnixSeconds::SpreadsheetDay,
        10_000_000..FIRST_UNIX_SECOND if is_day() => NotUnixSeconds::Day,
        1..1900 | 100_000..FIRST_UNIX_SECOND => NotUnixSeconds::TooSmall,
        100_000_000_000..100_000_000_000_000 => NotUnixSeconds::Milliseconds,
        100_000_000_000_000..100_000_000_000_000_000 => NotUnixSeconds::Microseconds,
        100_000_000_000_000_000.. => NotUnixSeconds::Nanoseconds,
    };
    Err(what)
}

/// What a number looks like that is no Unix seconds. Prints as the end of a sentence about the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUnixSeconds {
    /// Before 1970.
    #[error("is negative, and no time before 1970 is taken as a number")]
    Negative,
    /// Such as 2020.
    #[error("is a year, not a time")]
    Year,
    /// Such as 45987: days since the end of 1899, with a fraction for the time of day.
    #[error("is no Unix seconds; it looks like a spreadsheet's number for a day")]
    SpreadsheetDay,
    /// Such as 20200220.
    #[error("is a day, not a time")]
    Day,
    /// A time before March 1973.
    #[error("is too small for Unix seconds")]
    TooSmall,
    /// Thousandths of a second.
    #[error("is too large for Unix seconds; it looks like milliseconds")]
    Milliseconds,
    /// Millionths of a second.
    #[error("is too large for Unix seconds; it looks like microseconds")]
    Microseconds,
    /// Billionths of a second.
    #[error("is too large for Unix seconds; it looks like nanoseconds")]
    Nanoseconds,
    /// Anything beyond.
    #[error("is too large for Unix seconds")]
    TooLarge,
}

impl NotUnixSeconds {
    /// What to do.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::SpreadsheetDay => {
                "let the spreadsheet write the column as text such as 2020-02-20T08:00:00+08:00"
            }
            Self::Milliseconds => "divide it by 1000",
            Self::Microseconds => "divide it by 1000000",
            Self::Nanoseconds => "divide it by 1000000000",
            Self::Negative | Self::Year | Self::Day | Self::TooSmall | Self::TooLarge => {
                "write a time such as 2020-02-20T08:00:00+08:00, or whole Unix seconds"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_unix_seconds_only_if_it_can_be_nothing_else() {
        for second in [0, 100_000_000, 1_582_171_200, 99_999_999_999] {
            let expected = Timestamp::from_second(second).unwrap();
            assert_eq!(from_unix_seconds(second), Ok(expected));
        }
        for (number, what) in [
            (-1, NotUnixSeconds::Negative),
            (i64::MIN, NotUnixSeconds::Negative),
            (1, NotUnixSeconds::TooSmall),
            (2020, NotUnixSeconds::Year),
            (43_881, NotUnixSeconds::SpreadsheetDay),
            (45_987, NotUnixSeconds::SpreadsheetDay),
            (20_200_220, NotUnixSeconds::Day),
            (20_200_231, NotUnixSeconds::TooSmall),
            (26_369_520, NotUnixSeconds::TooSmall),
            (99_999_999, NotUnixSeconds::TooSmall),
            (1_582_171_200_000, NotUnixSeconds::Milliseconds),
            (1_582_171_200_000_000, NotUnixSeconds::Microseconds),
            (1_582_171_200_000_000_000, NotUnixSeconds::Nanoseconds),
        ] {
            assert_eq!(from_unix_seconds(number), Err(what), "{number}");
        }
    }
}

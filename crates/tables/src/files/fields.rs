//! The values of one row, parsed once into the words of the domain.

use std::fmt::Display;
use std::str::FromStr;

use domain::evidence::{Symptom, Symptoms};
use domain::{NotUnixSeconds, Timestamp, from_unix_seconds};
use jiff::SignedDuration;
use jiff::civil;

use super::error::Fault;
use super::source::RawRow;
use super::table::{Column, Holds, Requirement, Table};

/// How far a clock elsewhere may be ahead before a time counts as lying in the future.
pub(crate) const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// One row and what its columns are supposed to hold.
pub(crate) struct Fields<'r> {
    pub(crate) table: &'static Table,
    pub(crate) row: &'r RawRow,
    /// Times of the past must not lie later than a day after this.
    pub(crate) now: Option<Timestamp>,
}

impl<'r> Fields<'r> {
    /// The value, if there is one.
    ///
    /// # Panics
    /// If the table has no column of that name; every reader is tested on its table.
    pub(crate) fn maybe_text(&self, name: &'static str) -> Result<Option<&'r str>, Fault> {
        let (column, text) = self.cell(name);
        match text {
            "" if column.requirement == Requirement::Always => Err(Fault {
                field: Some(name),
                value: None,
                reason: "is empty".into(),
                remedy: format!("write {}", column.holds.expected()),
            }),
            "" => Ok(None),
            text => Ok(Some(text)),
        }
    }

    /// The value of a column that has one in every row.
    pub(crate) fn text(&self, name: &'static str) -> Result<&'r str, Fault> {
        Ok(self.maybe_text(name)?.unwrap_or_default())
    }

    /// A value in the domain's own spelling.
    pub(crate) fn maybe<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Fault>
    where
        T::Err: Display,
    {
        let Some(text) = self.maybe_text(name)? else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|_| self.fault(name, self.not_what_is_expected(name)))
    }

    /// As [`Self::maybe`], for a column that has a value in every row.
    pub(crate) fn parsed<T: FromStr>(&self, name: &'static str) -> Result<T, Fault>
    where
        T::Err: Display,
    {
        let value = self.maybe(name)?;
        value.ok_or_else(|| self.fault(name, "is empty"))
    }

    /// A timestamp, if there is one.
    pub(crate) fn maybe_timestamp(&self, name: &'static str) -> Result<Option<Timestamp>, Fault> {
        let Some(text) = self.maybe_text(name)? else {
            return Ok(None);
        };
        let timestamp = timestamp(text).map_err(|problem| Fault {
            remedy: problem.remedy().into(),
            ..self.fault(name, problem.reason())
        })?;
        let latest = self.now.and_then(|now| now.checked_add(CLOCK_SKEW).ok());
        let past = self.cell(name).0.holds == Holds::Past;
        match latest {
            Some(latest) if past && timestamp > latest => Err(Fault {
                remedy: "correct the time, or the clock that wrote it".into(),
                ..self.fault(name, "lies in the future")
            }),
            _ => Ok(Some(timestamp)),
        }
    }

    /// A timestamp in every row.
    pub(crate) fn timestamp(&self, name: &'static str) -> Result<Timestamp, Fault> {
        self.maybe_timestamp(name)?
            .ok_or_else(|| self.fault(name, "is empty"))
    }

    /// A timestamp that does not come before `start`, which column `start_name` holds.
    pub(crate) fn end(
        &self,
        name: &'static str,
        start: Timestamp,
        start_name: &'static str,
    ) -> Result<Option<Timestamp>, Fault> {
        match self.maybe_timestamp(name)? {
            Some(end) if end < start => Err(Fault {
                remedy: format!("correct {name} or {start_name}"),
                ..self.fault(name, format!("lies before {start_name} ({start})"))
            }),
            end => Ok(end),
        }
    }

    /// As [`Self::end`], in every row.
    pub(crate) fn sure_end(
        &self,
        name: &'static str,
        start: Timestamp,
        start_name: &'static str,
    ) -> Result<Timestamp, Fault> {
        self.end(name, start, start_name)?
            .ok_or_else(|| self.fault(name, "is empty"))
    }

    /// A calendar day.
    pub(crate) fn day(&self, name: &'static str) -> Result<civil::Date, Fault> {
        self.parsed(name)
    }

    /// A whole number in the column's range. A spreadsheet's `15.0` is 15.
    pub(crate) fn maybe_whole(&self, name: &'static str) -> Result<Option<u64>, Fault> {
        let Some(text) = self.maybe_text(name)? else {
            return Ok(None);
        };
        let Holds::Whole(least, most) = self.cell(name).0.holds else {
            return Ok(None);
        };
        let digits = match text.split_once('.') {
            Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
            _ => text,
        };
        match digits.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(self.fault(name, self.not_what_is_expected(name))),
        }
    }

    /// As [`Self::maybe_whole`], in every row, of a smaller type.
    pub(crate) fn whole<T: TryFrom<u64>>(&self, name: &'static str) -> Result<T, Fault> {
        let number = self
            .maybe_whole(name)?
            .ok_or_else(|| self.fault(name, "is empty"))?;
        T::try_from(number).map_err(|_| self.fault(name, self.not_what_is_expected(name)))
    }

    /// A list of symptoms.
    pub(crate) fn symptoms(&self, name: &'static str) -> Result<Symptoms, Fault> {
        let text = self.maybe_text(name)?.unwrap_or_default();
        let words = text
            .split(';')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        words
            .map(|word| word.parse::<Symptom>())
            .collect::<Result<_, _>>()
            .map_err(|_| self.fault(name, self.not_what_is_expected(name)))
    }

    /// Something wrong with a column's value; the remedy is to write what the column holds.
    pub(crate) fn fault(&self, name: &'static str, reason: impl Into<String>) -> Fault {
        let (column, text) = self.cell(name);
        Fault {
            field: Some(name),
            value: (!text.is_empty()).then(|| shown(column, text)),
            reason: reason.into(),
            remedy: format!("write {}", column.holds.expected()),
        }
    }

    fn not_what_is_expected(&self, name: &'static str) -> String {
        let what = match self.cell(name).0.holds {
            Holds::Text => "is not readable",
            Holds::Past | Holds::Timestamp => "is not a time",
            Holds::Day => "is not a day",
            Holds::Word(_) => "is not one of the words of this column",
            Holds::Words(_) => "holds a word that this column does not know",
            Holds::Whole(..) => "is not a whole number in range",
            Holds::Degrees => "is not a body temperature between 30.0 and 45.0",
            Holds::Region => "is not a region",
        };
        what.into()
    }

    fn cell(&self, name: &'static str) -> (&'static Column, &'r str) {
        let position = self.table.position(name);
        #[expect(
            clippy::expect_used,
            reason = "a reader that asks for a column of another table"
        )]
        let position = position.expect("the table has the column");
        (
            &self.table.columns[position],
            self.row.cells[position].trim(),
        )
    }
}

/// Why text is not a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotATimestamp {
    NoOffset,
    OnlyADay,
    Number(NotUnixSeconds),
    Other,
}

impl NotATimestamp {
    fn reason(self) -> String {
        match self {
            Self::NoOffset => "has no time zone, so it is not clear when it was".into(),
            Self::OnlyADay => NotUnixSeconds::Day.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Other => "is not a time".into(),
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::NoOffset => "add Z or an offset, as in 2020-02-20T08:00:00+08:00",
            Self::Number(number) => number.remedy(),
            Self::OnlyADay | Self::Other => NotUnixSeconds::Day.remedy(),
        }
    }
}

/// Reads RFC 3339 with an offset, or whole Unix seconds, also as a program that knows only decimal
/// numbers writes them (`1583000000.0`). Fractions of a second are dropped.
fn timestamp(text: &str) -> Result<Timestamp, NotATimestamp> {
    if let Some((number, fraction)) = number(text) {
        return match from_unix_seconds(number) {
            Ok(timestamp) if fraction.bytes().all(|b| b == b'0') => Ok(timestamp),
            Ok(_) => Err(NotATimestamp::Other),
            Err(what) => Err(NotATimestamp::Number(what)),
        };
    }
    match text.parse::<Timestamp>() {
        Ok(timestamp) => {
            let whole = timestamp.as_nanosecond().div_euclid(1_000_000_000);
            let whole = i64::try_from(whole).map_err(|_| NotATimestamp::Other)?;
            Timestamp::from_second(whole).map_err(|_| NotATimestamp::Other)
        }
        Err(_) if !text.contains([':', 'T']) && text.parse::<civil::Date>().is_ok() => {
            Err(NotATimestamp::OnlyADay)
        }
        Err(_) if text.parse::<civil::DateTime>().is_ok() => Err(NotATimestamp::NoOffset),
        Err(_) => Err(NotATimestamp::Other),
    }
}

/// A decimal number, cut at its point. One beyond all numbers is the largest.
fn number(text: &str) -> Option<(i64, &str)> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    if !is_digits(whole.strip_prefix('-').unwrap_or(whole)) {
        return None;
    }
    Some((whole.parse().unwrap_or(i64::MAX), fraction))
}

/// A value as it may stand in a message: short, and masked if personal.
fn shown(column: &Column, text: &str) -> String {
    const LONGEST: usize = 40;
    if column.personal {
        let first: String = text.chars().take(2).collect();
        return if first.len() < text.len() {
            format!("{first}***")
        } else {
            "***".into()
        };
    }
    if text.chars().count() <= LONGEST {
        return text.into();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}

/// A timestamp as careful reading has it.
#[cfg(test)]
pub(crate) fn careful_timestamp(text: &str) -> Option<Timestamp> {
    timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_an_offset_or_is_whole_unix_seconds() {
        let noon: Timestamp = "2020-02-20T04:00:00Z".parse().unwrap();
        for text in [
            "2020-02-20T04:00:00Z",
            "2020-02-20T12:00:00+08:00",
            "2020-02-20 12:00:00+08:00",
            "2020-02-20T04:00:00.999Z",
            "1582171200",
            "1582171200.0",
            "1582171200.000",
        ] {
            assert_eq!(timestamp(text), Ok(noon), "{text}");
        }
        // Ever since.
        assert_eq!(timestamp("0"), Ok(Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn a_time_that_could_be_misread_is_refused_for_its_reason() {
        let number = NotATimestamp::Number;
        for (text, why) in [
            ("2020-02-20T12:00:00", NotATimestamp::NoOffset),
            ("2020-02-20 12:00", NotATimestamp::NoOffset),
            ("2020-02-20", NotATimestamp::OnlyADay),
            ("20200220", number(NotUnixSeconds::Day)),
            ("1582171200000", number(NotUnixSeconds::Milliseconds)),
            ("99999999999999999999", number(NotUnixSeconds::Nanoseconds)),
            ("45987", number(NotUnixSeconds::SpreadsheetDay)),
            ("45987.0", number(NotUnixSeconds::SpreadsheetDay)),
            ("45987.520833333336", number(NotUnixSeconds::SpreadsheetDay)),
            ("2020", number(NotUnixSeconds::Year)),
            ("7", number(NotUnixSeconds::TooSmall)),
            ("-1", number(NotUnixSeconds::Negative)),
            ("yesterday", NotATimestamp::Other),
            ("2020-02-30T12:00:00Z", NotATimestamp::Other),
            ("1e9", NotATimestamp::Other),
            ("1582171200.5", NotATimestamp::Other),
            ("1582171200.", NotATimestamp::Other),
        ] {
            assert_eq!(timestamp(text), Err(why), "{text}");
        }
    }

    #[test]
    fn personal_values_show_two_characters_at_most() {
        let personal = &super::super::table::VISITS.columns[0];
        for (text, masked) in [
            ("李小华", "李小***"),
            ("990101199003077719", "99***"),
            ("ab", "***"),
        ] {
            assert_eq!(shown(personal, text), masked);
        }
    }
}

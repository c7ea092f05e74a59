//! Times in bulk: the usual spellings, each as the careful reader of rows reads it.

use domain::FIRST_UNIX_SECOND;
use engine::columns::Seconds;

/// The Unix seconds of a text in a usual spelling: nine or ten digits, or RFC 3339 with an offset,
/// from 1970 to 2106. `None` for whatever else, which the careful reader reads or refuses.
pub(super) fn timestamp(text: &[u8]) -> Option<Seconds> {
    match text.len() {
        9 | 10 => digits(text).and_then(plain_seconds),
        11 | 12 => digits(text.strip_suffix(b".0")?).and_then(plain_seconds),
        20.. => rfc3339(text),
        _ => None,
    }
}

/// Whole Unix seconds that cannot be something else and that columns can hold.
pub(super) fn plain_seconds(seconds: i64) -> Option<Seconds> {
    (FIRST_UNIX_SECOND..i64::from(Seconds::MAX))
        .contains(&seconds)
        .then_some(seconds as Seconds)
}

fn rfc3339(text: &[u8]) -> Option<Seconds> {
    let (date, clock, rest) = (&text[..10], &text[11..19], &text[19..]);
    let pair = |at: &[u8]| digits(at).map(|number| number as u32);
    let marks = [text[4], text[7], text[13], text[16]];
    if marks != *b"--::" || !matches!(text[10], b'T' | b' ') {
        return None;
    }
    let (year, month, day) = (pair(&date[..4])?, pair(&date[5..7])?, pair(&date[8..])?);
    let (hour, minute) = (pair(&clock[..2])?, pair(&clock[3..5])?);
    let second = pair(&clock[6..])?;
    let is_valid = (1970..2107).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !is_valid {
        return None;
    }
    let seconds = i64::from(days_since_1970(year, month, day)) * 86_400
        + i64::from(hour * 3600 + minute * 60 + second)
        - offset(without_fraction(rest)?)?;
    plain_seconds(seconds)
}

/// What comes after a fraction of a second, which is dropped.
fn without_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = text.strip_prefix(b".") else {
        return Some(text);
    };
    let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
    (1..=9).contains(&length).then(|| &fraction[length..])
}

/// Seconds east of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        b"Z" => return Some(0),
        [sign, a, b] => (sign, [*a, *b], *b"00"),
        [sign, a, b, b':', c, d] => (sign, [*a, *b], [*c, *d]),
        _ => return None,
    };
    let (hours, minutes) = (digits(&hours)?, digits(&minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// At most 18 digits as a number.
pub(super) fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut number = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(number)
}

fn days_of(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1 January 1970, counted in years that begin in March, so that a leap day comes last.
fn days_since_1970(year: u32, month: u32, day: u32) -> u32 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::files::careful_timestamp;

    fn agrees(text: &str) -> Result<(), TestCaseError> {
        let careful = careful_timestamp(text).map(|at| at.as_second());
        if let Some(found) = timestamp(text.as_bytes()) {
            prop_assert_eq!(careful, Some(i64::from(found)), "{}", text);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(domain::testing::property_cases(256))]

        #[test]
        fn what_is_read_in_bulk_is_what_the_careful_reader_reads(
            year in 1965..2110_u32, month in 0..14_u32, day in 0..33_u32,
            hour in 0..26_u32, minute in 0..62_u32, second in 0..62_u32,
            between in "[T tx]", fraction in "(\\.[0-9]{0,10})?",
            offset in "Z|z|[+-][0-2][0-9](:?[0-6][0-9])?|",
        ) {
            agrees(&format!(
                "{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
            ))?;
        }

        #[test]
        fn so_are_seconds_and_other_texts(text in "-?[0-9]{1,12}(\\.[0-9]{0,2})?|[0-9:T+Z. -]{8,30}") {
            agrees(&text)?;
        }
    }

    #[test]
    fn the_usual_spellings_are_read_in_bulk() {
        for text in [
            "2020-02-20T04:00:00Z",
            "2020-02-20T12:00:00+08:00",
            "2020-02-20 12:00:00+08",
            "2020-02-20T04:00:00.999Z",
            "1582171200",
        ] {
            assert_eq!(timestamp(text.as_bytes()), Some(1_582_171_200), "{text}");
        }
        for day in [
            "1970-03-04",
            "2000-02-29",
            "2100-02-28",
            "2100-03-01",
            "2105-12-31",
        ] {
            let text = format!("{day}T00:00:00Z");
            let careful = careful_timestamp(&text).map(|at| at.as_second());
            assert_eq!(
                timestamp(text.as_bytes()).map(i64::from),
                careful.filter(|at| *at >= 100_000_000)
            );
        }
    }
}

//! Timestamps as text.

use std::fmt::{Result, Write as _};

use domain::Timestamp;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// Writes a timestamp with the offset of a zone. One that is no whole number of minutes has no
/// spelling, and UTC stands in.
pub(super) fn write_timestamp(timestamp: Timestamp, zone: &TimeZone, text: &mut String) -> Result {
    let offset = zone.to_offset(timestamp).seconds();
    let local = timestamp.checked_add(SignedDuration::from_secs(offset.into()));
    let (Ok(local), true) = (local, offset != 0 && offset % 60 == 0) else {
        return write_utc(timestamp, text);
    };
    write_utc(local, text)?;
    text.pop();
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
    write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Whole seconds of the years with four digits are written in one go.
fn write_utc(timestamp: Timestamp, text: &mut String) -> Result {
    const LAST: i64 = 253_402_300_800;
    let seconds = timestamp.as_second();
    if !(0..LAST).contains(&seconds) || timestamp.subsec_nanosecond() != 0 {
        return write!(text, "{timestamp}");
    }
    let (days, clock) = ((seconds / 86_400) as u32, (seconds % 86_400) as u32);
    // Years that begin in March, so that a leap day comes last; 146,097 days are 400 of them.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + later;
    let mut letters = *b"0000-00-00T00:00:00Z";
    let mut put = |at: usize, number: u32| {
        letters[at] = b'0' + (number / 10) as u8;
        letters[at + 1] = b'0' + (number % 10) as u8;
    };
    put(0, year / 100);
    put(2, year % 100);
    put(5, month);
    put(8, day);
    put(11, clock / 3600);
    put(14, clock / 60 % 60);
    put(17, clock % 60);
    text.write_str(std::str::from_utf8(&letters).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(domain::testing::property_cases(256))]

        #[test]
        fn moments_are_written_as_jiff_writes_them(seconds in -10_000_000_000..253_402_207_000_i64) {
            let timestamp = Timestamp::from_second(seconds).unwrap();
            let mut ours = String::new();
            write_timestamp(timestamp, &TimeZone::UTC, &mut ours).unwrap();
            prop_assert_eq!(&ours, &timestamp.to_string());
            for zone in ["Asia/Shanghai", "America/St_Johns", "Europe/Berlin"] {
                let zone = TimeZone::get(zone).unwrap();
                let offset = zone.to_offset(timestamp);
                ours.clear();
                write_timestamp(timestamp, &zone, &mut ours).unwrap();
                prop_assert_eq!(ours.parse::<Timestamp>().unwrap(), timestamp);
                if offset.seconds() != 0 && offset.seconds() % 60 == 0 {
                    prop_assert_eq!(&ours, &timestamp.display_with_offset(offset).to_string());
                }
            }
        }
    }
}

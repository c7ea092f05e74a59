//! Region levels as an officer writes them: fields for one, and lines for more.

use domain::{Level, Region, RegionLevel, Timestamp};
use serde::Deserialize;

use super::dates::Calendar;

/// What the officer filled in.
#[derive(Default, Deserialize)]
pub(super) struct LevelsForm {
    #[serde(default)]
    pub(super) region: String,
    #[serde(default)]
    pub(super) level: String,
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) until: String,
    #[serde(default)]
    pub(super) lines: String,
}

/// A line that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    /// From 1; `None` for the fields.
    pub(super) line: Option<usize>,
    /// The line itself.
    pub(super) text: String,
    /// The text that says why.
    pub(super) why: &'static str,
}

/// Every level, or every line that cannot be read. Days begin at local midnight. Lines separate
/// region, level, from and until by comma, semicolon or tab; a first line of headings is left out.
pub(super) fn read(
    form: &LevelsForm,
    calendar: &Calendar,
) -> Result<Vec<RegionLevel>, Vec<BadLine>> {
    let fields = [&form.region, &form.level, &form.from, &form.until].map(|field| field.trim());
    let one = (!form.region.trim().is_empty()).then(|| (None, fields.join(",")));
    let lines = (1..).zip(form.lines.lines());
    let lines = lines.filter(|(number, line)| {
        let is_heading = *number == 1 && line.trim_start().starts_with("region");
        !line.trim().is_empty() && !is_heading
    });
    let lines = lines.map(|(number, line)| (Some(number), line.to_owned()));
    let (mut levels, mut bad) = (Vec::new(), Vec::new());
    for (line, text) in one.into_iter().chain(lines) {
        match level(&text, calendar) {
            Ok(level) => levels.push(level),
            Err(why) => bad.push(BadLine { line, text, why }),
        }
    }
    if bad.is_empty() { Ok(levels) } else { Err(bad) }
}

fn level(line: &str, calendar: &Calendar) -> Result<RegionLevel, &'static str> {
    let cells: Vec<&str> = line.split([',', ';', '\t']).map(str::trim).collect();
    let (region, word, from, until) = match cells[..] {
        [region, word, from] => (region, word, from, ""),
        [region, word, from, until] => (region, word, from, until),
        _ => return Err("levels-bad-columns"),
    };
    let region: Region = region.parse().map_err(|_| "levels-bad-region")?;
    let level = Level::ALL.into_iter().find(|level| level.as_str() == word);
    let level = level.ok_or("levels-bad-level")?;
    let from = timestamp(from, calendar).ok_or("levels-bad-from")?;
    let until = match until {
        "" => None,
        until => Some(timestamp(until, calendar).ok_or("levels-bad-until")?),
    };
    if until.is_some_and(|until| until <= from) {
        return Err("levels-bad-until");
    }
    Ok(RegionLevel {
        region,
        level,
        from,
        until,
    })
}

/// A local day's beginning, or a time as RFC 3339 writes it.
fn timestamp(text: &str, calendar: &Calendar) -> Option<Timestamp> {
    match text.parse() {
        Ok(day) if !text.contains(['T', ':']) => calendar.start_of(day),
        _ => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::language::Language;

    fn hangzhou() -> Calendar {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        Calendar::new(Language::ALL[0], zone)
    }

    #[test]
    fn levels_are_read_from_fields_and_from_lines() {
        let form = LevelsForm {
            region: " 4201 ".into(),
            level: "high".into(),
            from: "2020-02-01".into(),
            until: String::new(),
            lines: "region,level,from,until\n420102;medium;2020-02-01;2020-02-15\r\n\n\
                    IT\tlow\t2020-02-01T12:00:00Z\n"
                .into(),
        };
        let levels = read(&form, &hangzhou()).unwrap();
        let found = levels.iter().map(|one| {
            let until = one.until.map(|until| until.to_string());
            format!(
                "{} {} {} {}",
                one.region,
                one.level,
                one.from,
                until.unwrap_or_default()
            )
        });
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                "4201 high 2020-01-31T16:00:00Z ",
                "420102 medium 2020-01-31T16:00:00Z 2020-02-14T16:00:00Z",
                "IT low 2020-02-01T12:00:00Z ",
            ]
        );
    }

    #[test]
    fn every_line_that_cannot_be_read_is_named() {
        let form = LevelsForm {
            region: "77".into(),
            level: "high".into(),
            lines: "4201, high\n42x, high, 2020-02-01\n4201, red, 2020-02-01\n\
                    4201, high, yesterday\n4201, high, 2020-02-02, 2020-02-01\n\
                    4201, high, 2020-02-02, never\n4201, low, 2020-02-02"
                .into(),
            ..LevelsForm::default()
        };
        let bad = read(&form, &hangzhou()).unwrap_err();
        let found: Vec<_> = bad.iter().map(|bad| (bad.line, bad.why)).collect();
        assert_eq!(
            found[1..],
            [
                (Some(1), "levels-bad-columns"),
                (Some(2), "levels-bad-region"),
                (Some(3), "levels-bad-level"),
                (Some(4), "levels-bad-from"),
                (Some(5), "levels-bad-until"),
                (Some(6), "levels-bad-until"),
            ]
        );
        assert_eq!(found[0].0, None);
    }
}

//! Reads TOML with its places, and collects every problem instead of stopping at the first.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::model::{Duration, Number};
use super::problem::{PolicyError, Problem, nearest};
use crate::region::Region;

/// Mistakes of syntax that are reported at once.
const MOST_SYNTAX_ERRORS: usize = 3;

/// Problems that are reported at once: more are found again once these are mended.
const MOST_PROBLEMS: usize = 1000;

/// The problems found so far, and where each field stands.
pub(super) struct Report<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    places: BTreeMap<String, usize>,
    errors: Vec<PolicyError>,
}

impl<'t> Report<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            text,
            lines: std::iter::once(0)
                .chain(ends.map(|(end, _)| end + 1))
                .collect(),
            places: BTreeMap::new(),
            errors: Vec::new(),
        }
    }

    /// Parses the text; `None` and a report of the first mistakes if it is not TOML. Those that
    /// follow mostly come from them.
    pub(super) fn parse(&mut self) -> Option<Spanned<DeTable<'t>>> {
        let (table, mistakes) = DeTable::parse_recoverable(self.text);
        for mistake in mistakes.iter().take(MOST_SYNTAX_ERRORS) {
            let offset = mistake.span().map_or(self.text.len(), |span| span.start);
            let message = mistake.message().replace('\n', ", ");
            self.at_offset(offset, "", Problem::Syntax { message });
        }
        mistakes.is_empty().then_some(table)
    }

    /// Reports a problem with the field at `path`, or with the nearest one around it that is there.
    pub(super) fn at(&mut self, path: &str, problem: Problem) {
        self.at_offset(self.offset(path), path, problem);
    }

    pub(super) fn at_offset(&mut self, offset: usize, path: &str, problem: Problem) {
        if self.errors.len() >= MOST_PROBLEMS {
            return;
        }
        let (line, column) = self.position(offset);
        self.errors.push(PolicyError {
            line,
            column,
            path: path.to_owned(),
            problem,
        });
    }

    /// The line of the field at `path`.
    pub(super) fn line(&self, path: &str) -> usize {
        self.line_of(self.offset(path))
    }

    /// The line, from 1, of a byte offset.
    fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    /// Line and column, from 1, of a byte offset; the column counts characters.
    fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line_of(offset);
        let before = self.text.get(self.lines[line - 1]..offset);
        (line, before.unwrap_or_default().chars().count() + 1)
    }

    /// The problems, in the order of the text.
    pub(super) fn into_errors(self) -> Vec<PolicyError> {
        let mut errors = self.errors;
        errors.sort_by_key(|error| (error.line, error.column));
        errors.dedup();
        errors
    }

    /// Takes back that the field at `path` is missing: it is there under a mistyped name.
    fn is_only_mistyped(&mut self, path: &str) {
        self.errors.retain(|error| {
            let missing = matches!(error.problem, Problem::Missing { .. } | Problem::NoEnd);
            !(missing && error.path == path)
        });
    }

    fn offset(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(offset) = self.places.get(path) {
                return *offset;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return 0,
            }
        }
    }

    fn remember(&mut self, path: &str, offset: usize) {
        self.places.insert(path.to_owned(), offset);
    }
}

/// A value and its path.
#[derive(Clone)]
pub(super) struct Node<'d> {
    pub(super) path: String,
    value: &'d Spanned<DeValue<'d>>,
}

impl<'d> Node<'d> {
    pub(super) fn problem(&self, report: &mut Report<'_>, problem: Problem) {
        report.at_offset(self.value.span().start, &self.path, problem);
    }

    pub(super) fn unexpected(&self, report: &mut Report<'_>, expected: impl Into<String>) {
        let problem = Problem::Unexpected {
            found: self.found(),
            expected: expected.into(),
        };
        self.problem(report, problem);
    }

    /// The same value under another path, so that a rule appears by its name.
    pub(super) fn renamed(self, path: String, report: &mut Report<'_>) -> Self {
        report.remember(&path, self.value.span().start);
        Self { path, ..self }
    }

    pub(super) fn is_list(&self) -> bool {
        self.value.get_ref().is_array()
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    pub(super) fn is_word(&self) -> bool {
        self.value.get_ref().is_str()
    }

    pub(super) fn table(&self, expected: &str, report: &mut Report<'_>) -> Option<Table<'d>> {
        let Some(entries) = self.value.get_ref().as_table() else {
            self.unexpected(report, expected);
            return None;
        };
        Some(Table {
            path: self.path.clone(),
            entries,
            known: Vec::new(),
        })
    }

    pub(super) fn list(&self, expected: &str, report: &mut Report<'_>) -> Option<Vec<Self>> {
        let Some(list) = self.value.get_ref().as_array() else {
            self.unexpected(report, expected);
            return None;
        };
        let nodes = list.iter().enumerate().map(|(index, value)| {
            let path = format!("{}[{index}]", self.path);
            report.remember(&path, value.span().start);
            Self { path, value }
        });
        Some(nodes.collect())
    }

    /// The values of a list, or the one value that stands alone; reports an empty list.
    pub(super) fn one_or_many(&self, report: &mut Report<'_>) -> Option<Vec<Self>> {
        if !self.is_list() {
            return Some(vec![self.clone()]);
        }
        let nodes = self.list("a list", report)?;
        if nodes.is_empty() {
            self.problem(report, Problem::Empty);
            return None;
        }
        Some(nodes)
    }

    pub(super) fn text(&self, expected: &str, report: &mut Report<'_>) -> Option<&'d str> {
        let text = self.value.get_ref().as_str();
        if text.is_none() {
            self.unexpected(report, expected);
        }
        text
    }

    /// One of `words`.
    pub(super) fn word(&self, words: &[&str], report: &mut Report<'_>) -> Option<&'d str> {
        let text = self.text(&format!("one of {}", words.join(", ")), report)?;
        if words.contains(&text) {
            return Some(text);
        }
        let problem = Problem::UnknownWord {
            found: text.to_owned(),
            expected: words.iter().map(|&word| word.to_owned()).collect(),
            nearest: nearest(text, words.iter().copied()),
        };
        self.problem(report, problem);
        None
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole(&self, least: u32, most: u32, report: &mut Report<'_>) -> Option<u32> {
        let number = self.value.get_ref().as_integer().and_then(|integer| {
            i128::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
        });
        let number = number.and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.unexpected(report, format!("a whole number from {least} to {most}"));
        }
        number
    }

    /// A number with at most three decimals.
    pub(super) fn number(&self, report: &mut Report<'_>) -> Option<Number> {
        let number = match self.value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => thousandths(integer.as_str()),
            DeValue::Float(float) => thousandths(float.as_str()),
            _ => None,
        };
        if number.is_none() {
            self.unexpected(report, "a number with at most three decimals");
        }
        number
    }

    /// `"14d"` or `"72h"`.
    pub(super) fn duration(&self, report: &mut Report<'_>) -> Option<Duration> {
        let expected = "a duration such as \"14d\" or \"72h\"";
        let duration = parse_duration(self.text(expected, report)?);
        if duration.is_none() {
            self.unexpected(report, expected);
        }
        duration
    }

    /// `"3d"` or `"24h"` as exact time: a day is 24 hours.
    pub(super) fn exact_duration(&self, report: &mut Report<'_>) -> Option<SignedDuration> {
        let exact = match self.duration(report)? {
            Duration::Days(days) => SignedDuration::from_hours(i64::from(days) * 24),
            Duration::Hours(hours) => SignedDuration::from_hours(i64::from(hours)),
        };
        if exact.is_zero() {
            self.unexpected(report, "a duration longer than nothing");
            return None;
        }
        Some(exact)
    }

    pub(super) fn region(&self, report: &mut Report<'_>) -> Option<Region> {
        let expected = "a region: 2, 4, 6 or 9 digits (GB/T 2260) or two capital letters \
                        (ISO 3166), in quotes";
        let region = self.text(expected, report)?.parse().ok();
        if region.is_none() {
            self.unexpected(report, expected);
        }
        region
    }

    /// A TOML date-time in whole seconds. One without an offset is read in `zone`, if there is one;
    /// so is a date alone, which means its first instant.
    pub(super) fn timestamp(
        &self,
        zone: Option<&TimeZone>,
        report: &mut Report<'_>,
    ) -> Option<Timestamp> {
        let timestamp = self.value.get_ref().as_datetime().and_then(|datetime| {
            let text = datetime.to_string();
            if datetime.offset.is_some() {
                return text.parse::<Timestamp>().ok();
            }
            let local = match (datetime.date, datetime.time) {
                (Some(_), Some(_)) => text.parse::<DateTime>().ok()?,
                (Some(_), None) => text
                    .parse::<Date>()
                    .ok()?
                    .to_datetime(jiff::civil::Time::midnight()),
                _ => return None,
            };
            zone?.to_timestamp(local).ok()
        });
        let timestamp = timestamp.filter(|timestamp| timestamp.subsec_nanosecond() == 0);
        if timestamp.is_none() {
            self.unexpected(
                report,
                match zone {
                    Some(_) => {
                        "a date or a time without quotes, such as 2020-02-17 or \
                                2020-02-17T08:30:00"
                    }
                    None => {
                        "a time with its offset and without quotes, such as \
                             2020-02-17T00:00:00+08:00"
                    }
                },
            );
        }
        timestamp
    }

    /// The value as a message shows it.
    pub(super) fn found(&self) -> String {
        match self.value.get_ref() {
            DeValue::String(text) if text.chars().count() > 40 => {
                format!("\"{}…\"", text.chars().take(40).collect::<String>())
            }
            DeValue::String(text) => format!("\"{text}\""),
            DeValue::Integer(integer) => integer.to_string(),
            DeValue::Float(float) => float.to_string(),
            DeValue::Boolean(boolean) => boolean.to_string(),
            DeValue::Datetime(datetime) => format!("the time {datetime}"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        }
    }
}

/// A table whose fields are asked for by name; those that nobody asked for are unknown.
pub(super) struct Table<'d> {
    path: String,
    entries: &'d DeTable<'d>,
    known: Vec<&'static str>,
}

impl<'d> Table<'d> {
    pub(super) fn root(entries: &'d DeTable<'d>) -> Self {
        Self {
            path: String::new(),
            entries,
            known: Vec::new(),
        }
    }

    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn optional(
        &mut self,
        name: &'static str,
        report: &mut Report<'_>,
    ) -> Option<Node<'d>> {
        self.known.push(name);
        self.fields(report)
            .find(|(key, _)| *key == name)
            .map(|(_, node)| node)
    }

    pub(super) fn required(
        &mut self,
        name: &'static str,
        example: &str,
        report: &mut Report<'_>,
    ) -> Option<Node<'d>> {
        let node = self.optional(name, report);
        if node.is_none() {
            report.at(
                &self.path_of(name),
                Problem::Missing {
                    example: example.to_owned(),
                },
            );
        }
        node
    }

    /// Every field with its name.
    pub(super) fn fields(
        &self,
        report: &mut Report<'_>,
    ) -> impl Iterator<Item = (&'d str, Node<'d>)> + use<'d> {
        let fields: Vec<_> = self
            .entries
            .iter()
            .map(|(key, value)| {
                let name: &'d str = key.get_ref();
                let path = self.path_of(name);
                report.remember(&path, key.span().start);
                (name, Node { path, value })
            })
            .collect();
        fields.into_iter()
    }

    /// Reports the fields that nobody asked for.
    pub(super) fn finish(self, report: &mut Report<'_>) {
        for (name, node) in self.fields(report) {
            if !self.known.contains(&name) {
                unknown_field(&node.path, name, &self.known, report);
                if let Some(meant) = nearest(name, self.known.iter().copied()) {
                    report.is_only_mistyped(&self.path_of(&meant));
                }
            }
        }
    }
}

/// Reports that there is no field `name` where `known` are.
pub(super) fn unknown_field(path: &str, name: &str, known: &[&str], report: &mut Report<'_>) {
    let problem = Problem::UnknownField {
        expected: known.iter().map(|&name| name.to_owned()).collect(),
        nearest: nearest(name, known.iter().copied()),
    };
    report.at(path, problem);
}

/// Reads `"14d"` and `"72h"`.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.get(..text.len().checked_sub(1)?)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().ok()?;
    match text.as_bytes()[text.len() - 1] {
        b'd' => Some(Duration::Days(number)),
        b'h' => Some(Duration::Hours(number)),
        _ => None,
    }
}

fn thousandths(text: &str) -> Option<Number> {
    let text = text.replace('_', "");
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude: i64 = whole.trim_start_matches(['+', '-']).parse().ok()?;
    let decimals: i64 = format!("{decimals:0<3}").parse().ok()?;
    let sum = magnitude.checked_mul(1000)?.checked_add(decimals)?;
    Some(Number::from_thousandths(if whole.starts_with('-') {
        -sum
    } else {
        sum
    }))
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;

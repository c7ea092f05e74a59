//! The ways out of a restriction, in words, with how far each one is.

use domain::policy::{Comparison, Field, ReleaseThreshold};
use domain::{FactKind, Reason, WayOut};
use fluent_bundle::FluentArgs;

use super::Frame;
use super::dates::Calendar;

/// A way out, as a person reads it.
#[derive(Debug)]
pub(super) struct WayView {
    /// What it takes, and how much of it is there.
    pub(super) words: String,
    pub(super) have: u16,
    pub(super) need: u16,
    /// From when the next piece counts.
    pub(super) next: Option<String>,
    /// Whether a report by the person is one piece.
    pub(super) is_report: bool,
}

/// The ways out of `reason`.
pub(super) fn ways_out(reason: &Reason, frame: &Frame, calendar: &Calendar) -> Vec<WayView> {
    let ways = reason.ways_out.iter();
    ways.map(|way| view(way, frame, calendar)).collect()
}

fn view(way: &WayOut, frame: &Frame, calendar: &Calendar) -> WayView {
    let need = way.needed();
    let mut args = FluentArgs::new();
    args.set("have", way.have.to_string());
    args.set("need", need.to_string());
    let mut words = frame.language.fill(text(way), &args);
    if let ReleaseThreshold::Count { count, apart, .. } = way.need
        && count > 1
        && !apart.is_zero()
    {
        let hours = u32::try_from(apart.as_hours()).unwrap_or_default();
        words = format!("{words} {}", frame.count("way-apart", &hours));
    }
    WayView {
        words,
        have: way.have,
        need,
        next: way
            .next_from
            .map(|from| frame.with("way-next", "when", &calendar.date_time(from))),
        is_report: way.evidence == FactKind::Declaration,
    }
}

/// The name of the text that says what it takes. A way that needs conditions that these texts do not
/// say is described by its kind; the rule's own words stand on the page of the rules.
fn text(way: &WayOut) -> &'static str {
    let in_a_row = matches!(way.need, ReleaseThreshold::ConsecutiveDays(_));
    match way.evidence {
        FactKind::Declaration if in_a_row => "way-reports-in-a-row",
        FactKind::Declaration => "way-reports",
        FactKind::Test if says_only(way, Field::Result, "negative") && in_a_row => {
            "way-negative-tests-in-a-row"
        }
        FactKind::Test if says_only(way, Field::Result, "negative") => "way-negative-tests",
        FactKind::Test => "way-tests",
        FactKind::Diagnosis => "way-diagnosis",
        FactKind::ForeignVerdict => "way-foreign",
        _ => "way-other",
    }
}

fn says_only(way: &WayOut, field: Field, word: &str) -> bool {
    way.conditions.iter().any(|condition| {
        condition.field == field
            && matches!(&condition.comparison, Comparison::OneOf(words) if words == &[word])
    })
}

//! What a run prints.

use std::fmt::Write as _;
use std::time::Duration;

use super::city::Kind;
use super::drive::Driven;
use super::histogram::Histogram;

/// The head of a table of runs.
pub const HEAD: &str = "\
| load | asked a second | carried out a second | refused | failed | given up unsent | p50 | p99 | p99.9 | p99 once sent | refused within, p99 |
|---|---|---|---|---|---|---|---|---|---|---|
";

/// The lines of a run: one for each kind that was asked.
pub fn lines(what: &str, driven: &Driven) -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        let outcome = driven.of(kind);
        let asked =
            outcome.from_due.total() + outcome.refused.total() + outcome.failed + outcome.unsent;
        if asked == 0 {
            continue;
        }
        let _ = writeln!(
            text,
            "| {what}, {} | {:.0} | {:.0} | {} | {} | {} | {} | {} | {} | {} | {} |",
            kind.name(),
            asked as f64 / driven.took.as_secs_f64(),
            driven.goodput(kind),
            outcome.refused.total(),
            outcome.failed,
            outcome.unsent,
            time(&outcome.from_due, 500),
            time(&outcome.from_due, 990),
            time(&outcome.from_due, 999),
            time(&outcome.from_sent, 990),
            time(&outcome.refused, 990),
        );
        if outcome.refused_without_time > 0 {
            let count = outcome.refused_without_time;
            let _ = writeln!(
                text,
                "| {count} of the refusals did not say when to come back | | | | | | | | | | |"
            );
        }
    }
    text
}

fn time(histogram: &Histogram, of_thousand: u64) -> String {
    match histogram.total() {
        0 => "–".to_owned(),
        _ => shown(histogram.per_mille(of_thousand)),
    }
}

/// A time for people.
pub fn shown(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    match millis {
        ..10.0 => format!("{millis:.1} ms"),
        ..1000.0 => format!("{millis:.0} ms"),
        _ => format!("{:.1} s", millis / 1000.0),
    }
}
